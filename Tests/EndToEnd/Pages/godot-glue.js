// The page's side of Servers/godot4/glue: does with a connection what Godot's web export does when it is told the same.
import { order } from "./torii-test.js";

const connectionStates = ["new", "connecting", "connected", "disconnected", "failed", "closed"];
const channelStates = ["connecting", "open", "closing", "closed"];

export const scenarios = {
    // ?godot=PORT: until order 0 comes. With ?mute the browser never has an offer.
    async serve({ parameters, step }) {
        const socket = new WebSocket(`ws://127.0.0.1:${parameters.get("godot")}`);
        socket.binaryType = "arraybuffer";
        const channels = new Map();
        let connection;

        const tell = (what) => socket.send(JSON.stringify(what));
        const tellState = (id) => tell({
            event: "channel", id, state: channelStates.indexOf(channels.get(id).readyState) });

        const actions = {
            run({ code }) {
                (0, eval)(code);
            },
            create({ configuration }) {
                step("created", configuration);
                connection = new RTCPeerConnection(configuration);
                connection.oniceconnectionstatechange = () => step(`ICE is ${connection.iceConnectionState}`);
                connection.onconnectionstatechange = () => {
                    tell({ event: "connection", state: connectionStates.indexOf(connection.connectionState) });
                };
            },
            "create channel"({ label, options }) {
                const channel = connection.createDataChannel(label, options);
                step("channel", { options, lifetime: channel.maxPacketLifeTime, retransmits: channel.maxRetransmits });
                channels.set(channel.id, channel);
                channel.binaryType = "arraybuffer";
                channel.onopen = channel.onclose = channel.onerror = () => tellState(channel.id);
                channel.onmessage = ({ data }) => {
                    const bytes = new Uint8Array(data);
                    socket.send(new Uint8Array([channel.id, ...bytes]));
                };
            },
            async offer() {
                if (parameters.has("mute")) return;
                const { type, sdp } = await connection.createOffer();
                tell({ event: "session", type, sdp });
            },
            local: (description) => connection.setLocalDescription(description),
            remote: (description) => connection.setRemoteDescription(description),
            close() {
                connection?.close();
                step("closed");
            },
            "close channel"({ id }) {
                channels.get(id)?.close();
            },
        };

        socket.onmessage = async ({ data }) => {
            if (typeof data === "string") {
                const { do: action, ...rest } = JSON.parse(data);
                await actions[action](rest);
            } else {
                const [id] = new Uint8Array(data);
                const channel = channels.get(id);
                if (channel.readyState === "open") channel.send(data.slice(1));
            }
        };
        await new Promise((resolve, reject) => {
            socket.onopen = resolve;
            socket.onerror = () => reject(new Error("Godot's WebSocket cannot be opened"));
        });
        await step("serving");
        await order(0);
        connection?.close();
    },
};
