// The application's page: the login SDK as its package ships it, and a way for the test to call it. `CONFIG` is what the
// test gives to the SDK's constructor; `CONFIG.snippet` are the lines by which links that land here go on to the server.
/* global Authress, CONFIG */

/** Whether what is there is such a link, and is on its way. */
const isLink = CONFIG.snippet ? new Function(`${CONFIG.snippet}\nreturn isLink;`)() : false;

window.logs = [];
const keep = (level) => (words) => window.logs.push(`${level}: ${words?.title ?? words}`);
const logger = { debug() {}, log: keep("log"), warn: keep("warn"), error: keep("error"), critical: keep("critical") };

if (!isLink) window.client = new Authress.LoginClient(CONFIG, logger);

/**
 * Calls the SDK. `{ value }` is what it answered, `{ code, message }` what it threw. The SDK gives checks of the session
 * that follow within 50 ms one answer: this waits so long before each.
 */
window.sdk = async (verb, ...args) => {
  await new Promise((resolve) => setTimeout(resolve, 60));
  try {
    return { value: await window.client[verb](...args) };
  } catch (problem) {
    return { code: problem?.code ?? problem?.errorCode ?? "thrown", message: problem?.message ?? problem?.title ?? JSON.stringify(problem) };
  }
};
