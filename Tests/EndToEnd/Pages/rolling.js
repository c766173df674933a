// Players behind a load balancer while its gateways are restarted one after the other: some stay, others come and go. The
// server is echo.js's.
import { channels, echo, library, watched } from "./client.js";
import { check, order, pattern, within } from "./torii-test.js";

/// The gateway that a session's URL names.
const nodeOf = (connection) => new URL(connection.location).pathname.split("/")[2].split(".")[0];

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/// How many of them each gateway has.
function byNode(players) {
    const counts = {};
    for (const { node } of players) counts[node] = (counts[node] ?? 0) + 1;
    return counts;
}

/// What a page asks of its session, sent by hand so that nothing is tried twice: a new ICE session, and the end.
async function requests({ location }) {
    const patched = await fetch(location, {
        method: "PATCH", headers: { "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": "*" },
        body: "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n",
    });
    const deleted = await fetch(location, { method: "DELETE" });
    const { code } = await (await fetch(location)).json();
    return `${patched.status} ${deleted.status} ${code}`;
}

export const scenarios = {
    async rolling({ join, step }) {
        const { join: enter } = await library(join);
        // One attempt: what the load balancer does not mend fails.
        const come = async () => {
            const player = watched(await enter(join, { channels, attempts: 1 }));
            return { ...player, node: nodeOf(player.connection) };
        };

        let phase = 0;
        let isOver = false;
        const failures = [];
        const staying = [];
        /// Plays until the end comes from elsewhere.
        const stay = async (player) => {
            const fate = { node: player.node, since: phase, echoes: 0, end: null };
            staying.push(fate);
            player.closed.then(({ code }) => { fate.end = { code, phase }; });
            while (!isOver && !fate.end) {
                try {
                    await echo(player, "chat", pattern(32, fate.echoes));
                    fate.echoes += 1;
                } catch (error) {
                    await Promise.race([player.closed, pause(10_000)]); // the gateway is asked why
                    if (!fate.end) failures.push(`${player.node}: ${error.message}`);
                    return;
                }
                await pause(200);
            }
        };
        /// So many, or more until both gateways have some.
        const bringIn = async (count) => {
            const players = [];
            while (players.length < count || Object.keys(byNode(players)).length < 2) players.push(await come());
            for (const player of players) stay(player);
            return byNode(players);
        };

        const guests = [];
        const comeAndGo = async () => {
            while (!isOver) {
                let player;
                try {
                    player = await come();
                } catch (error) {
                    failures.push(`joining: ${error.code} ${error.status} ${error.message}`);
                    return;
                }
                const guest = { node: player.node };
                guests.push(guest);
                await echo(player, "chat", pattern(16));
                guest.requests = await requests(player.connection);
                await player.connection.close();
                // Chromium allows a page 500 connections, and counts closed ones until it collects its garbage.
                await pause(100);
            }
        };

        await step("settled", await bringIn(8));
        const visits = Promise.all([comeAndGo(), comeAndGo()]);
        await order(0);
        phase = 1;
        await step("refilled", await bringIn(8));
        await order(1);
        phase = 2;
        isOver = true;
        await within(visits, "the last guests", 20_000);
        check(guests.every(({ requests }) => requests), "a guest was forgotten");
        const answers = [...new Set(guests.map(({ requests }) => requests))];
        await step("result", { failures, staying, guests: byNode(guests), answers });
    },
};
