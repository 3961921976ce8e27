'use strict';

const POLL_MILLIS = 500;
const MAX_ENDED_REPORTS = 5;
const MAX_RUNNING_REPORTS = 4; // a browser keeps six connections to a server, and polling needs one
const byId = id => document.getElementById(id);
const seconds = millis => (millis / 1000).toFixed(1) + ' s';

function element(name, className, text) {
  const node = document.createElement(name);
  node.className = className;
  node.textContent = text;
  return node;
}

/** A row: what it is, a line below it, how old it is. */
function row(title, below, age) {
  const item = document.createElement('li');
  const what = element('div', 'what', '');
  what.append(title, element('small', '', below));
  item.append(what, element('time', '', age));
  return item;
}

// Reports of this tab

function startReport(length) {
  const stop = new AbortController();
  const started = performance.now();
  const item = row('Report of ' + length + ' s', 'running', '');
  const state = item.querySelector('small');
  const cancel = element('button', '', 'Cancel');
  cancel.type = 'button';
  cancel.addEventListener('click', () => stop.abort());
  item.append(cancel);
  byId('reports').prepend(item);
  limitReports();

  const clock = setInterval(() => {
    item.querySelector('time').textContent = seconds(performance.now() - started);
  }, 100);
  runReport(length, stop.signal).then(([text, mood]) => {
    clearInterval(clock);
    state.textContent = text;
    state.className = mood;
    cancel.remove();
    item.dataset.ended = '';
    limitReports();
    [...byId('reports').querySelectorAll('[data-ended]')].slice(MAX_ENDED_REPORTS).forEach(old => old.remove());
  });
}

function limitReports() {
  const running = byId('reports').querySelectorAll('li:not([data-ended])').length;
  byId('submit').disabled = running >= MAX_RUNNING_REPORTS;
}

async function runReport(length, signal) {
  try {
    const response = await fetch('/api/reports/slow?seconds=' + length, {signal, cache: 'no-store'});
    const body = await response.json();
    return response.ok
        ? ['done: ' + body.regions.length + ' regions', 'good']
        : [response.status + ' ' + body.detail, 'bad'];
  } catch (failure) {
    return signal.aborted ? ['canceled: look at the queries', 'good'] : ['failed: ' + failure.message, 'bad'];
  }
}

byId('start').addEventListener('submit', event => {
  event.preventDefault();
  startReport(byId('seconds').valueAsNumber);
});

byId('seconds').addEventListener('input', () => {
  byId('new-tab').href = '/api/reports/slow?seconds=' + (byId('seconds').valueAsNumber || 0);
});

// What the server does

async function get(path) {
  const response = await fetch(path, {cache: 'no-store'});
  if (!response.ok) {
    throw new Error(path + ': ' + response.status);
  }
  return response;
}

function showQueries(queries) {
  byId('query-count').textContent = queries.length;
  byId('queries').replaceChildren(...queries.map(query =>
    row(element('code', '', query.query), query.state + ', pid ' + query.pid, seconds(query.ageMillis))));
}

function showContexts(contexts) {
  byId('context-count').textContent = contexts.length;
  byId('contexts').replaceChildren(...contexts.map(context => {
    const waits = context.waitsOn.map(call => call.dependency + ' (' + call.operation + ')').join(', ');
    const left = context.remainingMillis == null ? 'no deadline' : seconds(context.remainingMillis) + ' left';
    const below = [context.state.toLowerCase(), left, waits && 'waits on ' + waits].filter(Boolean).join(', ');
    return row(context.name, below, seconds(context.ageMillis));
  }));
}

/** The sum of the Prometheus samples called name whose labels contain label. */
function sum(samples, name, label) {
  return samples.split('\n')
    .filter(line => line.startsWith(name) && line.includes(label))
    .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0);
}

function showCounters(samples) {
  byId('canceled').textContent = sum(samples, 'context_requests_seconds_count', 'outcome="canceled"');
  byId('deadline').textContent = sum(samples, 'context_requests_seconds_count', 'outcome="deadline_exceeded"');
  byId('gone').textContent = sum(samples, 'context_disconnects_total', '');
  byId('calls').textContent = sum(samples, 'context_dependency_calls_seconds_count', 'outcome="canceled"');
}

/** One request after another: none of them shows up in the answer to the next. */
async function poll() {
  const status = byId('connection');
  try {
    showQueries(await (await get('/api/queries')).json());
    showContexts((await (await get('/actuator/contexts')).json()).contexts);
    showCounters(await (await get('/actuator/prometheus')).text());
    status.textContent = 'Live, every ' + POLL_MILLIS + ' ms';
    status.className = '';
  } catch (failure) {
    status.textContent = 'No news from the server: ' + failure.message;
    status.className = 'lost';
  }
  setTimeout(poll, POLL_MILLIS);
}

poll();
