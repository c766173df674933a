// Runs the JavaScript of README.md as it stands (but for the gateway's address) and tells what it logged.
import { Inbox } from "./torii-test.js";

export const scenarios = {
    async snippet({ step, parameters }) {
        const logged = new Inbox();
        const log = console.log;
        console.log = (...values) => {
            log(...values);
            logged.put(values);
        };
        await import(`data:text/javascript,${encodeURIComponent(parameters.get("code"))}`);
        const [label, bytes] = await logged.take("what the snippet logs");
        await step("logged", { label, bytes: [...bytes] });
    },
};
