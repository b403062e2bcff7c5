// The rehearsal API, and the words for what went wrong.

let tell = () => {};

export function onProblem(listener) {
  tell = listener;
}

export async function get(path) {
  return answer(await fetch(path));
}

export async function send(path, body = {}, method = "POST") {
  const headers = { "Content-Type": "application/json" };
  return answer(await fetch(path, { method, headers, body: JSON.stringify(body) }));
}

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) {
    tell(body.error || `The rehearsal answered with ${response.status}.`);
    throw new Error(body.error || String(response.status));
  }
  return body;
}

// Runs once for all the calls that come within a while; `wait` gives its length in milliseconds.
export function later(run, wait) {
  let timer = null;
  return () => {
    if (timer !== null) return;
    timer = setTimeout(() => {
      timer = null;
      run();
    }, wait());
  };
}
