// The harness's own check, without a gateway: two connections in one page find each other over loopback.
import { check, Connection, equal, pattern, within } from "./torii-test.js";

async function pair(step) {
    const near = new Connection();
    const far = new RTCPeerConnection();
    const channel = near.channel("echo");
    near.pc.onicecandidate = ({ candidate }) => candidate && far.addIceCandidate(candidate);
    far.onicecandidate = ({ candidate }) => candidate && near.pc.addIceCandidate(candidate);
    far.ondatachannel = ({ channel: other }) => {
        other.onmessage = ({ data }) => other.send(data);
    };
    await near.pc.setLocalDescription(await near.pc.createOffer());
    await far.setRemoteDescription(near.pc.localDescription);
    await far.setLocalDescription(await far.createAnswer());
    await near.pc.setRemoteDescription(far.localDescription);
    await near.opened();
    await step("open", await near.selectedPair());
    return { near, far, channel };
}

export const scenarios = {
    async echo({ step }) {
        const { near, far, channel } = await pair(step);
        const sent = pattern(65_530);
        channel.send(sent);
        check(equal((await channel.receive()).data, sent), "the echo differs");
        await step("echoed", { bytes: sent.length });
        far.close();
        await step("ended", await near.end());
        near.pc.close();
    },

    // Fails on purpose: a report must say what was waited for.
    async silence({ step }) {
        await step("waiting");
        await within(new Promise(() => {}), "an event that never comes", 200);
    },
};
