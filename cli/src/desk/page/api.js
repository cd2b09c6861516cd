// The way to the server. What changes something shows the key that the page was given; a server that was started anew has another, which is in its page.

let key = document.querySelector("meta[name=desk-key]").content;

export async function renew() {
  const page = await (await fetch("/")).text();
  key = new DOMParser().parseFromString(page, "text/html").querySelector("meta[name=desk-key]")?.content ?? key;
}

async function reason(answer) {
  try {
    return (await answer.json()).message ?? `the server answers ${answer.status}`;
  } catch {
    return `the server answers ${answer.status}`;
  }
}

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error("the server does not answer; is `undersong desk` still running?");
  }
  return answer;
}

export async function get(path) {
  const answer = await ask(path);
  if (!answer.ok) throw new Error(await reason(answer));
  return answer;
}

export async function change(method, path, body) {
  const send = () => ask(path, { method, headers: { "content-type": "application/json", "x-desk-key": key }, body: JSON.stringify(body) });
  let answer = await send();
  if (answer.status === 403) {
    await renew();
    answer = await send();
  }
  if (!answer.ok) throw new Error(await reason(answer));
  return answer;
}
