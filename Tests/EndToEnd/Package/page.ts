// A page that uses the package as it would from node_modules; compiled only, to see that the types say what the module does.
import { Channel, join, JoinError, type Connection, type End } from "torii-client";

export async function play(signal: AbortSignal): Promise<End> {
    const connection = await join("/join/arena", {
        channels: { chat: { label: "0" }, state: { label: "1", ordered: false, maxRetransmits: 0, maxBufferedBytes: 1000 } },
        peerId: 7, connectData: 1, token: "…", signal, timeoutMs: 1000, attempts: 2, iceServers: [], iceTransportPolicy: "relay",
        onRetry: ({ attempt, waitMs, reason }) => console.log(attempt + waitMs, reason.length),
    });
    const whole: Connection<"chat" | "state"> = connection;
    connection.channels.chat.addEventListener("message", ({ data }) => console.log(new Uint8Array(data)));
    connection.addEventListener("message", ({ channel, data }) => console.log(channel.name, data.byteLength));
    connection.addEventListener("close", ({ reason, code, data, transient }) => console.log(reason, code, data, transient));
    connection.addEventListener("statechange", () => console.log(whole.state === "interrupted"));
    await connection.channels.chat.ready();
    const taken: boolean = connection.channels.state.send(new Uint8Array([1]));
    const stats = await connection.stats();
    console.log(taken, stats?.rttMs, stats?.loss, stats?.candidateType, stats?.bytesSent, stats?.remote.port);
    const late = await connection.openChannel("late", { negotiated: true, id: 3 });
    late.close();
    await connection.close({ data: 7 });
    return connection.closed;
}

export async function handOver(worker: Worker, handed: RTCDataChannel): Promise<void> {
    await join("/join/arena", { channels: { state: { label: "1", worker } } });
    const state: Channel = new Channel("state", handed, { maxBufferedBytes: 1000 });
    await state.ready();
}

export const words = (error: unknown) =>
    error instanceof JoinError ? `${error.message} ${error.code} ${error.status} ${error.transient} ${error.retryAfterMs}` : "";

export async function mistakes(connection: Connection<"chat">): Promise<void> {
    // @ts-expect-error There must be channels.
    await join("/join/arena", {});
    // @ts-expect-error A misspelt option is none.
    await join("/join/arena", { channels: { chat: {} }, timeout: 7 });
    // @ts-expect-error Only bytes and text can be sent.
    connection.channels.chat.send({ x: 1 });
    // @ts-expect-error The state is for reading.
    connection.state = "open";
    // @ts-expect-error There is no such name in the package.
    await import("torii-client").then(({ leave }) => leave());
}
