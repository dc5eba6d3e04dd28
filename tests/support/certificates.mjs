// An authority and certificates of a test, made on the spot with openssl.
//
//   const authority = await Authority.make(folder);
//   const { certificate, key } = await authority.issue('server', 'DNS:localhost');   // files
import { join } from 'node:path';
import { run } from './process.mjs';

const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

async function openssl(...args) {
  const { code, stderr } = await run('openssl', args);
  if (code !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
}

export class Authority {
  static async make(folder, name = 'authority') {
    const authority = new Authority();
    authority.folder = folder;
    authority.file = join(folder, `${name}.pem`);
    authority.key = join(folder, `${name}.key`);
    const files = ['-keyout', authority.key, '-out', authority.file];
    await openssl('req', '-x509', ...fresh, ...files, '-subj', `/CN=${name}`, '-days', '2');
    return authority;
  }

  async issue(name, alternativeName) {
    const at = (suffix) => join(this.folder, `${name}.${suffix}`);
    const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${alternativeName}`];
    await openssl('req', ...fresh, '-keyout', at('key'), '-out', at('csr'), ...names);
    const signer = ['-CA', this.file, '-CAkey', this.key, '-CAcreateserial', '-days', '2'];
    const files = ['-in', at('csr'), '-out', at('pem'), '-copy_extensions', 'copy'];
    await openssl('x509', '-req', ...files, ...signer);
    return { certificate: at('pem'), key: at('key') };
  }
}
