// The official Stripe library: signs and verifies notifications, and drives a server that speaks like Stripe.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const Stripe = createRequire(process.cwd() + '/')('stripe');
const ask = JSON.parse(readFileSync(0, 'utf8'));

function client() {
  const at = new URL(ask.address);
  return new Stripe(ask.key, {
    apiVersion: ask.version, host: at.hostname, port: at.port, protocol: 'http', maxNetworkRetries: 0,
  });
}

function plain(error) {
  return { error: { type: error.type, code: error.code ?? null, status: error.statusCode ?? null } };
}

const tasks = {
  // The header of a notification with this body, signed at this second.
  sign: () => Stripe.webhooks.generateTestHeaderString({
    payload: ask.body, secret: ask.secret, timestamp: ask.seconds,
  }),

  // The type of the event, if the library believes it.
  verify: () => {
    try {
      return { type: Stripe.webhooks.constructEvent(ask.body, ask.header, ask.secret, 300).type };
    } catch (error) {
      return plain(error);
    }
  },

  // One call, such as `checkout.sessions.create` with its arguments.
  call: async () => {
    const path = ask.method.split('.');
    const last = path.pop();
    const service = path.reduce((at, name) => at[name], client());
    try {
      return { ok: await service[last](...ask.arguments) };
    } catch (error) {
      return plain(error);
    }
  },
};

process.stdout.write(JSON.stringify(await tasks[ask.task]()));
