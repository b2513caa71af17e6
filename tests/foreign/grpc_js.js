// Makes gRPC calls with @grpc/grpc-js and @grpc/proto-loader as it is told: one JSON object a line on standard input, one
// answer a line on standard output, in order.
//
//   grpc_js.js PROTO_DIRECTORY PKI_DIRECTORY
//
// Question: {address, server, caller, method: "naru.v1.LedgerService/GetCheckpoint", requests: [...], limit}.
// Answer: {code: "OK", detail: null or an ErrorDetail, responses: [...]}. After `limit` responses a stream is cancelled.
'use strict';

const fs = require('fs');
const path = require('path');
const readline = require('readline');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const protobuf = require('protobufjs');

const [protos, pki] = process.argv.slice(2);
const files = ['v1', 'holder/v1', 'identity/v1'].flatMap((folder) =>
  fs.readdirSync(path.join(protos, 'naru', folder)).filter((name) => name.endsWith('.proto'))
    .map((name) => `naru/${folder}/${name}`));
const definition = loader.loadSync(files, {
  includeDirs: [protos], longs: String, enums: String, bytes: String, defaults: false,
});
const api = grpc.loadPackageDefinition(definition);

// The trailer holds naru.v1.RpcStatus (google.rpc.Status), whose details hold a naru.v1.ErrorDetail.
const root = new protobuf.Root();
root.resolvePath = (_, target) => (target.startsWith('google/') ? target : path.join(protos, target));
root.loadSync(['naru/v1/rpc_status.proto', 'naru/v1/error_reason.proto']);
const RpcStatus = root.lookupType('naru.v1.RpcStatus');
const ErrorDetail = root.lookupType('naru.v1.ErrorDetail');

function detailOf(metadata) {
  const [bytes] = metadata.get('grpc-status-details-bin');
  if (!bytes) return null;
  for (const packed of RpcStatus.decode(bytes).details) {
    if (packed.type_url.endsWith('/naru.v1.ErrorDetail')) {
      return ErrorDetail.toObject(ErrorDetail.decode(packed.value), { enums: String, longs: String });
    }
  }
  return null;
}

// A Naru certificate names its service by a URI: that is what is checked, not the host.
function credentialsOf(caller, server) {
  const read = (name) => fs.readFileSync(path.join(pki, name));
  return grpc.credentials.createSsl(
    read('ca.pem'), read(`${caller}/key.pem`), read(`${caller}/cert.pem`), {
      checkServerIdentity: (_, certificate) => {
        const uris = certificate.subjectaltname.split(', ').filter((name) => name.startsWith('URI:'));
        const expected = uris.length === 1 && uris[0] === `URI:${server}`;
        return expected ? undefined : new Error('the server is not the expected one');
      },
    });
}

const clients = new Map();
function clientOf({ address, server, caller, service }) {
  const key = [address, caller, service].join(' ');
  if (!clients.has(key)) {
    const Service = service.split('.').reduce((scope, name) => scope[name], api);
    clients.set(key, new Service(address, credentialsOf(caller, server), {
      'grpc.ssl_target_name_override': 'localhost',
    }));
  }
  return clients.get(key);
}

function call(question) {
  const [service, name] = question.method.split('/');
  const client = clientOf({ ...question, service });
  const { requestStream, responseStream } = client[name];
  const deadline = new Date(Date.now() + 30000);
  return new Promise((resolve) => {
    const responses = [];
    const ended = (error) => resolve({
      code: error ? grpc.status[error.code] : 'OK',
      detail: error && error.metadata ? detailOf(error.metadata) : null,
      responses,
    });
    if (!requestStream && !responseStream) {
      client[name](question.requests[0], { deadline }, (error, response) => {
        if (!error) responses.push(response);
        ended(error);
      });
      return;
    }
    const stream = requestStream
      ? client[name]({ deadline }) : client[name](question.requests[0], { deadline });
    stream.on('data', (response) => {
      responses.push(response);
      if (responses.length === question.limit) {
        ended(null);
        stream.cancel();
      }
    });
    stream.on('error', ended);
    stream.on('end', () => {});
    stream.on('status', (status) => { if (status.code === grpc.status.OK) ended(null); });
    if (requestStream) {
      question.requests.forEach((request) => stream.write(request));
      stream.end();
    }
  });
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await call(JSON.parse(line)))}\n`);
  }
  clients.forEach((client) => client.close());
})();
