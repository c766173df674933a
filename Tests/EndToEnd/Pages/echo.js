// Scenarios for a route of profile `channels` whose ENet server answers every packet with the same bytes on the same
// ENet channel and with the same flags, and disconnects a peer that sends `kick`.
import { ask, check, Connection, equal, Late, order, pattern, request, silenceLimit, within } from "./torii-test.js";

const kinds = [
    ["0", {}],
    ["1", { maxRetransmits: 0 }],
    ["2", { ordered: false, maxRetransmits: 0 }],
    ["3", { ordered: false }],
];

/// All kinds, and then a channel with a name: its ENet channel is the order of opening, which for channels made at once
/// is the browser's choice.
async function joinedWithAllKinds(join, step) {
    const connection = await joined(join, step, kinds);
    connection.channel("chat");
    await connection.opened();
    return connection;
}

const bytesOf = (data) => typeof data === "string" ? new TextEncoder().encode(data) : data;
const nameOf = (data) => typeof data === "string" ? `text of ${data.length}` : `${data.length} bytes`;

export async function echo(channel, data) {
    const { label, maxRetransmits } = channel.rtc;
    const reliable = maxRetransmits === null;
    const expected = bytesOf(data);
    // On a reliable channel the next message must be it; on another an earlier echo may still be on its way.
    const wanted = (message) => reliable || equal(message.data, expected);
    const reply = await ask(
        () => channel.send(data),
        (limit) => channel.inbox.take(`the echo of ${nameOf(data)} on "${label}"`, wanted, limit),
        { reliable });
    check(equal(reply.data, expected), `"${label}": ${nameOf(data)} came back as ${reply.data.length} other bytes`);
    return { label, sent: nameOf(data), text: reply.text };
}

export async function joined(join, step, channels = [["0", {}]], configure = () => {}) {
    const connection = new Connection();
    configure(connection.pc);
    for (const [label, options] of channels) connection.channel(label, options);
    const { location, opened_ms } = await connection.join(join);
    await step("open", { location, opened_ms, headers: connection.answer.headers });
    return connection;
}

/// Where a scenario ends by the page's own will: the server must see it leave.
export async function left(connection, step) {
    connection.pc.close();
    await step("left");
}

export const scenarios = {
    // Every kind of channel carries text, binary and empty messages unchanged.
    async kinds({ join, step }) {
        const connection = await joinedWithAllKinds(join, step);
        for (const channel of connection.channels) {
            for (const data of ["tekst: ÿ 鳥居 🐦", pattern(100), pattern(1), "", new Uint8Array(0)]) {
                await step("echo", await echo(channel, data));
            }
        }
        await left(connection, step);
    },

    // ?sizes=1,1200,…: large messages on a reliable channel.
    async sizes({ join, step, parameters }) {
        const connection = await joined(join, step);
        const sizes = (parameters.get("sizes") ?? "1,1200,1400,16384,65530,65536,262144").split(",").map(Number);
        for (const size of sizes) await step("echo", await echo(connection.channels[0], pattern(size, size)));
        await left(connection, step);
    },

    // A message above the announced maximum is refused by the browser itself, and the channel survives it.
    async oversize({ join, step }) {
        const connection = await joined(join, step);
        const maximum = connection.pc.sctp.maxMessageSize;
        let refusal = null;
        try {
            connection.channels[0].send(new Uint8Array(maximum + 1));
        } catch (error) {
            refusal = error.name;
        }
        check(refusal, `a message of ${maximum + 1} bytes was accepted`);
        await step("refused", { maximum, refusal });
        await step("echo", await echo(connection.channels[0], pattern(10)));
        await left(connection, step);
    },

    // ?count=N: a burst on every kind of channel at once. Reliable ones lose nothing, ordered ones keep their order,
    // and none delivers twice.
    async count({ join, step, parameters }) {
        const connection = await joinedWithAllKinds(join, step);
        const count = Number(parameters.get("count") ?? 500);
        // Until the server is connected unreliable messages are dropped.
        await step("echo", await echo(connection.channels[0], "first"));
        for (let number = 0; number < count; number += 1) {
            for (const channel of connection.channels) channel.send(new Uint32Array([number, ~number]));
        }
        for (const channel of connection.channels) {
            const reliable = channel.rtc.maxRetransmits === null;
            const numbers = await numbersFrom(channel, count, reliable);
            check(new Set(numbers).size === numbers.length, `"${channel.rtc.label}" delivered a message twice`);
            if (reliable) check(numbers.length === count, `"${channel.rtc.label}" lost ${count - numbers.length}`);
            if (channel.rtc.ordered) {
                check(numbers.every((number, at) => at === 0 || number > numbers[at - 1]),
                    `"${channel.rtc.label}" changed the order`);
            }
            // On a busy machine a burst of unreliable ones may be given up as a whole. One that is asked again and again is not.
            if (numbers.length === 0) await step("echo", await echo(channel, pattern(100)));
            await step("counted", { label: channel.rtc.label, sent: count, received: numbers.length });
        }
        await left(connection, step);
    },

    // Channels the page numbers itself beside in-band ones: whatever becomes of them, the in-band ones play.
    async negotiated({ join, step }) {
        const connection = await joined(join, step, [["0", {}], ["own", { negotiated: true, id: 101 }], ["2", {}]]);
        const [first, own, last] = connection.channels;
        own.send("unannounced");
        await step("echo", await echo(first, "one"));
        await step("echo", await echo(last, "two"));
        await step("unannounced", { answers: own.inbox.size });
        await left(connection, step);
    },

    // A channel opened in the middle of the game.
    async later({ join, step }) {
        const connection = await joined(join, step);
        await step("echo", await echo(connection.channels[0], "first"));
        connection.channel("7", { ordered: false });
        await connection.opened();
        await step("echo", await echo(connection.channels[1], "second"));
        await left(connection, step);
    },

    // Audio beside data: the answer refuses the audio section, and the data plays.
    async audio({ join, step }) {
        const connection = await joined(join, step, undefined, (pc) => pc.addTransceiver("audio"));
        const sections = connection.answer.body.match(/^m=\S+ \d+/gm);
        check(sections.includes("m=audio 0"), `audio was not refused: ${sections}`);
        await step("answered", { sections });
        await step("echo", await echo(connection.channels[0], "beside audio"));
        await left(connection, step);
    },

    // Audio alone: nothing Torii could serve, so a refusal with a sentence.
    async audioOnly({ join, step }) {
        const connection = new Connection();
        connection.pc.addTransceiver("audio");
        const { status, body } = await connection.offer(join);
        check(status === 400 || status === 422, `audio alone was answered with ${status}`);
        await step("refused", { status, body });
        connection.pc.close();
    },

    // ?status=404 and the like: the page of another origin can read the refusal.
    async refused({ join, step, parameters }) {
        const connection = new Connection();
        connection.channel("0");
        const { status, body, headers } = await connection.offer(join);
        check(status === Number(parameters.get("status")), `joining was answered with ${status}: ${body}`);
        await step("refused", { status, body, headers });
        connection.pc.close();
    },

    // The server kicks, with ?data=N if it is told to: the page learns it by its channels closing, and then why.
    async kick({ join, step, parameters }) {
        const connection = await joined(join, step);
        connection.channels[0].send(`kick ${parameters.get("data") ?? ""}`.trim());
        await step("ended", await connection.end());
        await step("status", JSON.parse((await request(connection.answer.location)).body));
        connection.pc.close();
    },

    // DELETE on the session's Location ends it, with ?data=N for the server.
    async remove({ join, step, parameters }) {
        const connection = await joined(join, step);
        await step("echo", await echo(connection.channels[0], "before"));
        const location = connection.answer.location;
        const data = parameters.has("data") ? `?disconnect_data=${parameters.get("data")}` : "";
        const { status } = await request(location + data, { method: "DELETE" });
        check(status >= 200 && status < 300, `DELETE was answered with ${status}`);
        await step("deleted", { status });
        await step("ended", await connection.end());
        const again = await request(location, { method: "DELETE" });
        await step("deleted again", { status: again.status });
        connection.pc.close();
    },

    // Says `staying` and waits for whatever the test does to the gateway or the server (?limit of the URL allowing).
    async stay({ join, step, parameters }) {
        const connection = await joined(join, step);
        await step("staying", await echo(connection.channels[0], "here"));
        await step("ended", await connection.end(Number(parameters.get("for") ?? 40_000)));
        connection.pc.close();
    },

    // The server dies: the page is told, asks why, and joins again. A server that says nothing counts as gone after 8 s.
    async rejoin({ join, step }) {
        const first = await joined(join, step);
        await step("staying", await echo(first.channels[0], "here"));
        await step("ended", await first.end(silenceLimit));
        await step("status", JSON.parse((await request(first.answer.location)).body));
        first.pc.close();
        const second = await joined(join, step);
        await step("back", await echo(second.channels[0], "back"));
        await left(second, step);
    },

    // Leaves by pc.close() at once after an echo; the server's own log tells when it noticed.
    async close({ join, step }) {
        const connection = await joined(join, step);
        await step("echo", await echo(connection.channels[0], "goodbye"));
        await left(connection, step);
    },

    async stats({ join, step }) {
        const connection = await joined(join, step);
        await step("echo", await echo(connection.channels[0], "hello"));
        await step("pair", await connection.selectedPair());
        await left(connection, step);
    },

    // A page that may only use a relay, told of it in one of three ways (?from=list, options or answer).
    async relay({ join, step, parameters }) {
        const connection = new Connection({ iceTransportPolicy: "relay", iceServers: await serversBefore(join, parameters) });
        connection.channel("0");
        if (parameters.get("from") === "answer") await joinWithLinkedServers(connection, join);
        else await connection.join(join);
        await step("echo", await echo(connection.channels[0], "by relay"));
        for (let round = 0; round < 20; round += 1) await echo(connection.channels[0], pattern(1000, round));
        await step("pair", await connection.selectedPair());
        await left(connection, step);
    },

    // ?username=…&credential=…: what the TURN server makes of a credential that is not good.
    async noRelay({ join, step, parameters }) {
        const [servers] = await (await fetch(new URL("/ice-servers", join))).json();
        const iceServers = [{ ...servers, username: parameters.get("username"), credential: parameters.get("credential") }];
        const connection = new Connection({ iceTransportPolicy: "relay", iceServers });
        connection.channel("0");
        const errors = [];
        connection.pc.onicecandidateerror = ({ errorCode }) => errors.push(errorCode);
        const candidates = [];
        const gathered = new Promise((resolve) => {
            connection.pc.onicecandidate = ({ candidate }) => {
                if (candidate?.candidate) candidates.push(candidate.candidate);
            };
            connection.pc.onicegatheringstatechange = () => {
                if (connection.pc.iceGatheringState === "complete") resolve();
            };
        });
        const { status, body } = await connection.offer(join);
        check(status === 201, `joining was answered with ${status}: ${body}`);
        await connection.pc.setRemoteDescription({ type: "answer", sdp: body });
        await within(gathered, "the gathering to end", 40_000);
        await step("gathered", { candidates, errors });
        connection.pc.close();
    },

    // ?setup=active or passive: an offer that leaves the gateway no choice of its DTLS role.
    async setup({ join, step, parameters }) {
        const connection = new Connection();
        connection.channel("0");
        await connection.pc.setLocalDescription(await connection.pc.createOffer());
        const setup = parameters.get("setup");
        const { status, body } = await request(join, {
            method: "POST",
            headers: { "Content-Type": "application/sdp" },
            body: connection.pc.localDescription.sdp.replace("a=setup:actpass", `a=setup:${setup}`),
        });
        check(status === 201, `joining was answered with ${status}: ${body}`);
        await step("answered", { setup: body.match(/^a=setup:(\w+)/m)[1] });
        await connection.pc.setRemoteDescription({ type: "answer", sdp: body });
        await connection.opened();
        await step("echo", await echo(connection.channels[0], pattern(1000)));
        await left(connection, step);
    },

    // An ICE restart in the middle of the game: PATCH with the new credentials, and the channels go on.
    async restart({ join, step }) {
        const connection = await joined(join, step);
        await step("echo", await echo(connection.channels[0], "before"));
        const { location, headers, body } = connection.answer;
        const credentials = (sdp) => sdp.match(/^a=ice-(ufrag|pwd):.*\r\n/gm).slice(0, 2).join("");
        await connection.pc.setLocalDescription(await connection.pc.createOffer({ iceRestart: true }));
        const answer = await request(location, {
            method: "PATCH",
            headers: { "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": headers.etag },
            body: credentials(connection.pc.localDescription.sdp),
        });
        check(answer.status === 200, `PATCH was answered with ${answer.status}: ${answer.body}`);
        check(answer.headers.etag !== headers.etag, "the ETag is still the old one");
        const ours = credentials(answer.body);
        check(ours !== credentials(body), "the gateway kept its credentials");
        // The answer to the restarting offer is the first answer with the new credentials.
        const restarted = body.replace(credentials(body), ours);
        check(restarted !== body, "the answer has no credentials to replace");
        await connection.pc.setRemoteDescription({ type: "answer", sdp: restarted });
        await step("echo", await echo(connection.channels[0], "while it restarts"));
        // The page's own new credentials tell the pair of after the restart; the gateway's may still be the old ones
        // there, as Chromium may have nominated it before it had the answer.
        const mine = connection.pc.localDescription.sdp.match(/ice-ufrag:(.*)\r/)[1];
        await within((async () => {
            // Firefox does not tell whose credentials a candidate has.
            while (((await connection.selectedPair()).local.ufrag ?? mine) !== mine
                || connection.pc.iceConnectionState === "checking") {
                await new Promise((resolve) => setTimeout(resolve, 50));
            }
        })(), "the restarted ICE to connect");
        for (let round = 0; round < 20; round += 1) await echo(connection.channels[0], pattern(100, round));
        await step("restarted", { state: connection.pc.iceConnectionState });
        await left(connection, step);
    },

    // Reliable round trips one after the other until the test stops them; each must come back.
    async endure({ join, step }) {
        const connection = await joined(join, step);
        let isStopped = false;
        order(0).then(() => { isStopped = true; });
        await step("enduring");
        let rounds = 0;
        for (; !isStopped; rounds += 1) await echo(connection.channels[0], pattern(64, rounds));
        for (let last = 0; last < 20; last += 1) await echo(connection.channels[0], pattern(64, rounds + last));
        await step("endured", { rounds });
        await left(connection, step);
    },

    // ?rounds=N: round-trip times of small messages, one after the other.
    async roundTrips({ join, step, parameters }) {
        const connection = await joined(join, step, [["2", { ordered: false, maxRetransmits: 0 }]]);
        const times = [];
        for (let round = 0; round < Number(parameters.get("rounds") ?? 100); round += 1) {
            const started = performance.now();
            await echo(connection.channels[0], pattern(64, round));
            times.push(performance.now() - started);
        }
        times.sort((a, b) => a - b);
        const at = (share) => times[Math.floor((times.length - 1) * share)];
        await step("timed", { median_ms: at(0.5), p95_ms: at(0.95), worst_ms: at(1) });
        await left(connection, step);
    },
};

/// The servers a page can know before its offer.
async function serversBefore(join, parameters) {
    switch (parameters.get("from")) {
        case "list": return (await fetch(new URL("/ice-servers", join))).json();
        case "options": return linked((await request(join, { method: "OPTIONS" })).headers.link);
        default: return [];
    }
}

/// Offers before it gathers, and gathers with the servers that the answer names (RFC 9725 §4.6).
async function joinWithLinkedServers(connection, join) {
    const offer = await connection.pc.createOffer();
    const { status, headers, body } = await request(join, {
        method: "POST", headers: { "Content-Type": "application/sdp" }, body: offer.sdp,
    });
    check(status === 201, `joining was answered with ${status}: ${body}`);
    connection.pc.setConfiguration({ iceTransportPolicy: "relay", iceServers: linked(headers.link) });
    await connection.pc.setLocalDescription(offer);
    await connection.pc.setRemoteDescription({ type: "answer", sdp: body });
    await connection.opened();
}

/// `Link` headers, which fetch joins with commas, as `iceServers`.
function linked(header) {
    return header.split(", ").map((link) => {
        const [, url, rest] = link.match(/^<([^>]*)>; rel="ice-server"(.*)$/);
        const attribute = (name) => rest.match(new RegExp(`; ${name}="([^"]*)"`))?.[1];
        return { urls: [url], username: attribute("username"), credential: attribute("credential") };
    });
}

/// What arrives on the channel: all of it when it is reliable, otherwise until half a second of silence.
async function numbersFrom(channel, count, reliable) {
    const numbers = [];
    while (numbers.length < count) {
        let message;
        try {
            message = await channel.receive(undefined, reliable ? 10_000 : 500);
        } catch (error) {
            if (reliable || !(error instanceof Late)) throw error;
            break;
        }
        check(message.data.length === 8, `"${channel.rtc.label}" delivered ${message.data.length} bytes instead of 8`);
        const [number, inverse] = new Uint32Array(message.data.slice().buffer);
        check((~number >>> 0) === inverse, `"${channel.rtc.label}" delivered damaged bytes`);
        numbers.push(number);
    }
    return numbers;
}
