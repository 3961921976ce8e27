// How many requests ended in each of the last 60 seconds: stacked bars in an SVG.

const SVG = 'http://www.w3.org/2000/svg';
const SECONDS = 60;
const OUTCOMES = ['canceled', 'deadline_exceeded', 'completed']; // from the bottom up
const SCALES = [4, 10, 20, 50, 100, 200, 500, 1000];

const sum = counts => OUTCOMES.reduce((total, outcome) => total + (counts[outcome] || 0), 0);

export class Chart {
  #bars = [];
  #top;
  #ended = new Map(); // by second

  /** @param top what shows the number that the highest bar could stand for */
  constructor(svg, top) {
    this.#top = top;
    svg.setAttribute('viewBox', `0 0 ${SECONDS} 1`);
    svg.setAttribute('preserveAspectRatio', 'none');
    for (let i = 0; i < SECONDS; i++) {
      const bar = OUTCOMES.map(outcome => {
        const rectangle = document.createElementNS(SVG, 'rect');
        rectangle.setAttribute('class', outcome);
        rectangle.setAttribute('x', i + 0.1);
        rectangle.setAttribute('width', 0.8);
        return rectangle;
      });
      svg.append(...bar);
      this.#bars.push(bar);
    }
  }

  /** Adds what has ended since the last call, by outcome, and moves on to the second that it is now. */
  add(counts) {
    const now = Math.floor(Date.now() / 1000);
    const bucket = this.#ended.get(now) || {};
    OUTCOMES.forEach(outcome => { bucket[outcome] = (bucket[outcome] || 0) + (counts[outcome] || 0); });
    this.#ended.set(now, bucket);
    [...this.#ended.keys()].filter(second => second <= now - SECONDS).forEach(second => this.#ended.delete(second));
    this.#draw(now);
  }

  #draw(now) {
    const highest = Math.max(...[...this.#ended.values()].map(sum));
    const scale = SCALES.find(each => each >= highest) || highest;
    this.#top.textContent = scale;
    this.#bars.forEach((bar, i) => {
      const counts = this.#ended.get(now - SECONDS + 1 + i) || {};
      let y = 1;
      bar.forEach((rectangle, part) => {
        const height = (counts[OUTCOMES[part]] || 0) / scale;
        y -= height;
        rectangle.setAttribute('y', y);
        rectangle.setAttribute('height', height);
      });
    });
  }
}
