// Mozilla's scan of a host, unchanged but for the way there: its name leads to ports of this machine.
// usage: node scan.mjs NAME '{"443": PORT, "80": PORT}'
import net from "node:net";
import { scan } from "@mdn/mdn-http-observatory";

const [name, ports] = process.argv.slice(2);
const here = JSON.parse(ports);
const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...words) {
  const options = Array.isArray(words[0]) ? words[0][0] : words[0];
  if (options.host === name) Object.assign(options, { host: "127.0.0.1", port: here[options.port] });
  return connect.apply(this, words);
};
console.log(JSON.stringify(await scan(name)));
