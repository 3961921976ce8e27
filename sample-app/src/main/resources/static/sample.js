// What the server does, asked for twice a second.

import {Chart} from './chart.js';
import {bar, byId, describe, element, fill, row, say, seconds, show} from './dom.js';
import {begin} from './work.js';

const POLL_MILLIS = 500;
const LOW = 0.2; // the part of the time from which on a bar warns
const chart = new Chart(byId('chart'), byId('chart-top'));
let own = 0; // requests of this page that only look on

async function get(path) {
  const response = await fetch(path, {cache: 'no-store'});
  own++;
  if (!response.ok) {
    throw new Error(path + ': ' + response.status);
  }
  return response;
}

// Queries and answers

function showQueries(queries) {
  say(byId('query-count'), String(queries.length));
  show(byId('queries'), queries, query => query.pid + query.query,
    query => row(element('code', 'sql', query.query.replace(/\s+/g, ' '))),
    (item, query) => describe(item, query.state + ', pid ' + query.pid, seconds(query.ageMillis)));
}

function showAnswers(answers) {
  say(byId('answer-count'), String(answers.length));
  show(byId('answers'), answers, answer => answer.id,
    answer => {
      const item = row('Summary ' + answer.id);
      item.append(bar());
      return item;
    },
    (item, answer) => {
      describe(item, answer.letters + ' of ' + answer.of + ' letters written', seconds(answer.ageMillis));
      fill(item.querySelector('.bar'), answer.letters / answer.of);
    });
}

// Contexts, and the calls for which they wait

/** Shows how much of its time something has left: its age and what remains are the whole. */
function showRest(node, label, timed) {
  const rest = timed.remainingMillis;
  const part = rest / Math.max(1, timed.ageMillis + rest);
  node.hidden = rest == null;
  node.classList.toggle('low', part < LOW);
  fill(node, part);
  say(label, rest == null ? 'no deadline' : seconds(rest) + ' left');
}

function contextRow(context) {
  const item = row(element('span', 'name', context.name));
  item.querySelector('.name').after(element('span', 'badge'));
  item.append(bar(), element('ul', 'tree'));
  return item;
}

const callKey = call => call.thread + call.dependency + call.operation;
const isInside = (inner, outer) => outer.operation === 'call' && inner.operation !== 'call'
  && inner.dependency === outer.dependency && inner.thread === outer.thread;

/** What was derived for a request, then the calls without contexts of their own; calls by name show what goes on inside. */
function branches(context) {
  const calls = context.waitsOn;
  const shown = new Set();
  const innermost = outer => calls.find(inner => isInside(inner, outer)) || outer;
  const branch = node => {
    const call = node.call && innermost(node.call);
    if (call) {
      shown.add(callKey(call)).add(callKey(node.call));
    }
    return {call, remainingMillis: node.remainingMillis, derived: node.derived.map(branch)};
  };
  const tree = context.derived.map(branch);
  const others = calls.filter(call => !shown.has(callKey(call)));
  return tree.concat(others.map(call => ({call, remainingMillis: call.remainingMillis, derived: []})));
}

function branchRow(branch) {
  const item = element('li');
  const line = element('div', 'line');
  const what = branch.call ? 'waits on ' + branch.call.dependency + ', ' + branch.call.operation : 'derived context';
  line.append(element('span', 'what', what), element('time'));
  item.append(line, bar(), element('ul', 'tree'));
  return item;
}

/** The bar is that of a call: the age of other contexts is not known. */
function updateBranch(item, branch) {
  const rest = item.querySelector(':scope > .bar');
  showRest(rest, item.querySelector('time'), {ageMillis: 0, ...branch.call, remainingMillis: branch.remainingMillis});
  rest.hidden ||= !branch.call;
  showBranches(item, branch.derived);
}

function showBranches(item, derived) {
  show(item.querySelector(':scope > .tree'), derived, branch => branch.call ? callKey(branch.call) : '',
    branchRow, updateBranch);
}

function updateContext(item, context) {
  const ended = context.state !== 'ACTIVE'; // what is left of its time is of no use then
  const badge = item.querySelector('.badge');
  const why = (context.cause || context.state).toLowerCase().replace(/_/g, ' ');
  say(badge, context.zombie ? 'zombie' : ended ? why : '');
  badge.hidden = !badge.textContent;
  badge.classList.toggle('bad', context.zombie);
  item.classList.toggle('zombie', context.zombie);
  say(item.querySelector('small'), context.overdueMillis == null
    ? 'for ' + seconds(context.ageMillis)
    : 'goes on ' + seconds(context.overdueMillis) + ' after its end');
  const rest = item.querySelector(':scope > .bar');
  showRest(rest, item.querySelector('time'), context);
  if (ended) {
    rest.hidden = true;
    say(item.querySelector('time'), 'ended');
  }
  showBranches(item, branches(context));
}

function showContexts(answer) {
  say(byId('context-count'), String(answer.total));
  show(byId('contexts'), answer.contexts, context => context.id, contextRow, updateContext);
}

// Counters and the chart

/** The sum of the Prometheus samples called name whose labels contain label. */
function sum(samples, name, label = '') {
  return samples.split('\n')
    .filter(line => line.startsWith(name) && line.includes(label))
    .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0);
}

let seen; // the most that was counted so far, by outcome

function showEnded(counts) {
  const ended = {};
  for (const outcome of Object.keys(counts)) {
    ended[outcome] = seen ? Math.max(0, counts[outcome] - seen[outcome]) : 0;
    counts[outcome] = Math.max(counts[outcome], seen ? seen[outcome] : 0);
  }
  seen = counts;
  chart.add(ended);
}

function showCounters(samples) {
  const requests = outcome => sum(samples, 'context_requests_seconds_count', 'outcome="' + outcome + '"');
  const calls = outcome => sum(samples, 'context_dependency_calls_seconds_count', 'outcome="' + outcome + '"');
  const canceled = requests('canceled');
  const late = requests('deadline_exceeded');
  const ends = sum(samples, 'context_cancellation_latency_seconds_count');
  const latency = 1000 * sum(samples, 'context_cancellation_latency_seconds_sum') / ends;
  const zombies = sum(samples, 'context_zombies');
  say(byId('canceled'), String(canceled));
  say(byId('deadline'), String(late));
  say(byId('latency'), ends ? latency.toFixed(1) + ' ms' : '–');
  say(byId('calls'), String(calls('canceled')));
  say(byId('late-calls'), String(calls('deadline_exceeded')));
  say(byId('zombies'), String(zombies));
  byId('zombies').classList.toggle('bad', zombies > 0);
  // A request may be counted a little after its response has come, so the difference can shrink for a moment.
  showEnded({canceled, deadline_exceeded: late, completed: requests('completed') - own});
}

/** One request after another: none of them shows up in the answer to the next. */
async function poll() {
  const status = byId('connection');
  try {
    showQueries(await (await get('/api/queries')).json());
    showAnswers(await (await get('/api/answers')).json());
    showContexts(await (await get('/actuator/contexts')).json());
    showCounters(await (await get('/actuator/prometheus')).text());
    say(status, 'Live');
    status.className = '';
  } catch (failure) {
    say(status, 'No news from the server: ' + failure.message);
    status.className = 'lost';
  }
  setTimeout(look, POLL_MILLIS);
}

/** Polls if there is somebody to see it. */
function look() {
  if (document.hidden) {
    document.addEventListener('visibilitychange', look, {once: true});
  } else {
    poll();
  }
}

begin();
look();
