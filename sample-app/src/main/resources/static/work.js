// Reports and dashboards of this tab: start them, abort them.

import {byId, element, row, say, seconds} from './dom.js';

const MAX_RUNNING = 4; // a browser keeps six connections to a server, and looking on needs one
const MAX_ENDED = 4;
const KINDS = {
  report: {name: 'Report', path: '/api/reports/slow', result: body => body.regions.length + ' regions'},
  dashboard: {
    name: 'Dashboard',
    path: '/api/dashboards/slow',
    result: body => body.regions.length + ' regions, ' + body.largest.length + ' sales, a summary',
  },
};

const running = new Set();
const address = (kind, length) => KINDS[kind].path + '?seconds=' + length;

function start(kind, length) {
  const stop = new AbortController();
  const started = performance.now();
  const item = row(KINDS[kind].name + ' of ' + length + ' s');
  const state = item.querySelector('small');
  const abort = element('button', '', 'Abort');
  abort.type = 'button';
  abort.setAttribute('aria-label', 'Abort the ' + kind + ' of ' + length + ' s');
  abort.addEventListener('click', () => stop.abort());
  item.firstChild.append(abort);
  say(state, 'running');
  byId('work').prepend(item);
  running.add(stop);
  limit();

  const tick = () => say(item.querySelector('time'), seconds(performance.now() - started));
  const clock = setInterval(tick, 100);
  run(kind, length, stop.signal).then(([text, mood]) => {
    clearInterval(clock);
    tick();
    running.delete(stop);
    limit();
    say(state, text);
    state.className = mood;
    say(byId('news'), KINDS[kind].name + ' ' + text);
    const focused = abort === document.activeElement;
    abort.remove();
    if (focused) {
      byId(kind).focus();
    }
    item.dataset.ended = '';
    [...byId('work').querySelectorAll('[data-ended]')].slice(MAX_ENDED).forEach(old => old.remove());
  });
}

async function run(kind, length, signal) {
  try {
    const response = await fetch(address(kind, length), {signal, cache: 'no-store'});
    const body = await response.json();
    return response.ok ? ['done: ' + KINDS[kind].result(body), 'good'] : [response.status + ' ' + body.detail, 'bad'];
  } catch (failure) {
    return signal.aborted ? ['aborted', 'good'] : ['failed: ' + failure.message, 'bad'];
  }
}

function limit() {
  byId('report').disabled = byId('dashboard').disabled = running.size >= MAX_RUNNING;
  byId('abort-all').disabled = running.size === 0;
}

function link() {
  const length = byId('seconds').valueAsNumber || 0;
  byId('report-tab').href = address('report', length);
  byId('dashboard-tab').href = address('dashboard', length);
}

export function begin() {
  byId('start').addEventListener('submit', event => {
    event.preventDefault();
    start(event.submitter ? event.submitter.value : 'report', byId('seconds').valueAsNumber);
  });
  byId('abort-all').addEventListener('click', () => {
    running.forEach(stop => stop.abort());
    byId('report').focus();
  });
  byId('seconds').addEventListener('input', link);
  link();
  limit();
}
