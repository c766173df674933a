import Primitives
import Testing

@testable import Operations

@Suite struct ExpositionTests {
    private static func text(_ family: MetricFamily, _ body: (inout Samples) -> Void) -> String {
        var page = Exposition()
        page.add(family, body)
        return page.text
    }

    @Test func aFamilyIsIntroducedOnce() {
        let family = MetricFamily(.gauge, "a_b", by: ["x", "y"], "What it is.")
        let text = Self.text(family) { samples in
            samples.add(["1", "2"], 3)
            samples.add(["", "4"], exactly: 0.5)
        }
        #expect(
            text == """
                # HELP a_b What it is.
                # TYPE a_b gauge
                a_b{x="1",y="2"} 3
                a_b{x="",y="4"} 0.5

                """)
    }

    /// Nothing that a label or a sentence holds ends its line or its quotation.
    @Test func textIsEscaped() {
        let family = MetricFamily(.counter, "n_total", by: ["l"], #"A "b" \ c"# + "\nd.")
        let text = Self.text(family) { $0.add([#"q" \"# + "\n\u{00E9}"], 1) }
        #expect(
            text == ##"""
                # HELP n_total A "b" \\ c\nd.
                # TYPE n_total counter
                n_total{l="q\" \\\né"} 1

                """##)
    }

    @Test func aHistogramIsCumulativeAndInItsUnit() {
        var times = Histogram(microseconds: [500, 1_000, 2_500_000])
        for nanoseconds in [1, 500_000, 500_001, 3_000_000_000] as [UInt64] { times.note(nanoseconds) }
        let family = MetricFamily(.histogram, "t_seconds", by: ["p"], scale: .nanoseconds, "Times.")
        #expect(
            Self.text(family) { $0.add(["x"], times) } == """
                # HELP t_seconds Times.
                # TYPE t_seconds histogram
                t_seconds_bucket{p="x",le="0.0005"} 2
                t_seconds_bucket{p="x",le="0.001"} 3
                t_seconds_bucket{p="x",le="2.5"} 3
                t_seconds_bucket{p="x",le="+Inf"} 4
                t_seconds_sum{p="x"} 3.001000002
                t_seconds_count{p="x"} 4

                """)
    }

    @Test(
        arguments: [
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (0, "0"), (1e18, "1e+18"), (-2.5, "-2.5"),
        ] as [(Double, String)])
    func aNumberIsWrittenAsPrometheusReadsIt(value: Double, written: String) {
        let text = Self.text(MetricFamily(.gauge, "g", "A number.")) { $0.add([], exactly: value) }
        #expect(text.hasSuffix("\ng \(written)\n"))
    }
}
