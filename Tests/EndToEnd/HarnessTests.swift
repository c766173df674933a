import Testing

extension BrowserTests {
    /// The pages and their driver without a gateway: if these fail, the others say nothing about Torii.
    @Suite struct HarnessTests {
        @Test(.requires(.chromium, .firefox), arguments: Browser.allCases)
        func aPageConnectsOverLoopbackAndReports(browser: Browser) async throws {
            let report = try await browser.run("loopback", "echo") { page in
                let pair = try await page.step("open")
                #expect(pair["remote"]["protocol"].string == "udp")
            }
            #expect(report.error == nil)
            #expect(report.details("echoed").first?["bytes"].int == 65_530)
        }

        @Test(.requires(.chromium)) func aPageThatWaitsInVainSaysForWhat() async throws {
            let report = try await Browser.chromium.run("loopback", "silence")
            #expect(report.error == "an event that never comes: nothing after 200 ms")
        }
    }
}

@Suite struct ChildProcessTests {
    @Test func linesAndTheExitCodeAreSeen() async throws {
        try await ChildProcess.running("sh", ["-c", "read name; echo hello $name; echo oh >&2; exit 7"]) { process in
            process.write("torii")
            let greeting = try await process.output.first("a greeting") { $0.hasPrefix("hello") }
            #expect(greeting == "hello torii")
            let complaint = try await process.errors.first("a complaint") { _ in true }
            #expect(complaint == "oh")
            let exit = try await process.exit()
            #expect(exit == .code(7))
        }
    }

    @Test func theWholeGroupEndsWhenTheTestFails() async throws {
        struct Failure: Error {}
        let started = Journal<ChildProcess>()
        await #expect(throws: Failure.self) {
            try await ChildProcess.running("sh", ["-c", "sleep 250 & echo begun; wait"]) { process in
                started.append(process)
                _ = try await process.output.first("the beginning") { $0 == "begun" }
                throw Failure()
            }
        }
        // The grandchild holds standard output too: only when it is gone as well does the output end.
        let process = try #require(started.entries.first)
        let error = await #expect(throws: HarnessError.self) {
            _ = try await process.output.first("more", within: .seconds(1)) { $0 != "begun" }
        }
        #expect(error?.description.hasPrefix("waiting for more: sh ended") == true)
    }

    @Test func waitingForAProgramThatEndedFailsAtOnce() async throws {
        try await ChildProcess.running("sh", ["-c", "echo bye"]) { process in
            await #expect(throws: HarnessError.self) {
                _ = try await process.output.first("a line that never comes", within: .seconds(60)) { $0 == "hello" }
            }
        }
    }
}
