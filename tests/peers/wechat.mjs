// wechatpay-axios-plugin: verifies our signatures, makes notifications, and drives a server that speaks like WeChat Pay.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const { Aes: { AesGcm }, Formatter, Rsa, Wechatpay } = createRequire(process.cwd() + '/')('wechatpay-axios-plugin');
const ask = JSON.parse(readFileSync(0, 'utf8'));

function field(name) {
  return new RegExp(`${name}="([^"]*)"`).exec(ask.authorization)[1];
}

const tasks = {
  // Whether a request was signed by the holder of this key.
  verify: () => {
    const text = Formatter.request(ask.method, ask.path, field('timestamp'), field('nonce_str'), ask.body);
    return Rsa.verify(text, field('signature'), Rsa.from(ask.key, Rsa.KEY_TYPE_PUBLIC));
  },

  // A notification as WeChat Pay sends it: sealed, then signed.
  notify: () => {
    const { event, resource, secret, serial, seconds, id } = ask;
    const [nonce, kind] = [Formatter.nonce(12), ask.kind ?? 'transaction'];
    let ciphertext = AesGcm.encrypt(JSON.stringify(resource), secret, nonce, kind);
    if (ask.flip) {
      const bytes = Buffer.from(ciphertext, 'base64');
      bytes[bytes.length - 1] ^= 1;
      ciphertext = bytes.toString('base64');
    }
    const body = JSON.stringify({
      id, create_time: new Date(seconds * 1000).toISOString(), resource_type: 'encrypt-resource', event_type: event,
      summary: event, resource: { original_type: kind, algorithm: 'AEAD_AES_256_GCM', ciphertext, associated_data: kind, nonce },
    });
    return tasks.signed({ ...ask, body, serial });
  },

  // Any body, signed.
  signed: ({ body, serial, seconds, key } = ask) => {
    const nonce = Formatter.nonce();
    const signature = Rsa.sign(Formatter.response(seconds, nonce, body), Rsa.from(key, Rsa.KEY_TYPE_PRIVATE));
    return { body, timestamp: String(seconds), nonce, serial, signature };
  },

  // Calls, one after another, each answered by its status and what the library made of it.
  call: async () => {
    const { mchid, serial, key, certs, address } = ask;
    const { client } = new Wechatpay({ mchid, serial, privateKey: key, certs, baseURL: address, proxy: false });
    const answers = [];
    for (const { method, path, data } of ask.calls) {
      try {
        const answer = await client.request(path, method, data);
        answers.push({ status: answer.status, data: answer.data || null });
      } catch (error) {
        answers.push({ error: error.code ?? error.message, status: error.response?.status ?? null, data: error.response?.data ?? null });
      }
    }
    return answers;
  },
};

process.stdout.write(JSON.stringify(await tasks[ask.task]()));
