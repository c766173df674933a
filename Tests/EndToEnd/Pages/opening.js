// How a connection comes about, and how long that takes.
import { check, Connection, request } from "./torii-test.js";

/// Channels of a page that lets the browser announce them, and of one that numbers them itself.
const kinds = {
    announced: ["0", {}],
    numbered: ["1", { negotiated: true, id: 1 }],
};

export const scenarios = {
    // ?runs=N&channel=announced&setup=actpass: opens and closes N connections, one after the other, after one that does
    // not count. `setup` is what the gateway is told of DTLS roles.
    async times({ join, step, parameters }) {
        const setup = parameters.get("setup") ?? "actpass";
        const [label, options] = kinds[parameters.get("channel") ?? "announced"];
        for (let run = 0; run <= Number(parameters.get("runs") ?? 5); run += 1) {
            const connection = new Connection();
            const { rtc } = connection.channel(label, options);
            await connection.pc.setLocalDescription();
            const { status, body } = await request(join, {
                method: "POST",
                headers: { "Content-Type": "application/sdp" },
                body: connection.pc.localDescription.sdp.replace("a=setup:actpass", `a=setup:${setup}`),
            });
            check(status === 201, `joining answered ${status}: ${body}`);
            const started = performance.now();
            await connection.pc.setRemoteDescription({ type: "answer", sdp: body });
            await connection.opened();
            const opened_ms = performance.now() - started;
            if (run > 0) {
                await step("opened", {
                    opened_ms, state: rtc.readyState, snap: body.includes("a=sctp-init:"),
                    role: body.match(/a=setup:(\w+)/)[1],
                });
            }
            connection.pc.close();
        }
    },

    // What offer and answer say, before anything else happens.
    async descriptions({ join, step }) {
        const connection = new Connection();
        connection.channel("0");
        const { status, body } = await connection.offer(join);
        check(status === 201, `joining answered ${status}: ${body}`);
        await connection.pc.setRemoteDescription({ type: "answer", sdp: body });
        await step("described", { offer: connection.pc.localDescription.sdp, answer: body });
        await connection.opened();
        connection.pc.close();
    },
};
