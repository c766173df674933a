import Foundation
import Gateway
import Primitives
import Testing

@testable import Operations

/// What a page says, whatever the gateway does.
@Suite struct MetricsPageTests {
    private static let page = MetricsPage(version: "1.2.3", gateway: .stopped, process: .now).exposition

    @Test func everyFamilyIsOnEveryPage() {
        #expect(Self.page.families == MetricsPage.families)
        #expect(Set(MetricsPage.families.map(\.name)).count == MetricsPage.families.count)
        #expect(Self.page.text.contains("\ntorii_build_info{version=\"1.2.3\"} 1\n"))
    }

    /// https://prometheus.io/docs/practices/naming/
    @Test(arguments: MetricsPage.families.map(\.name)) func aNameFollowsTheConventions(name: String) throws {
        let family = try #require(MetricsPage.families.first { $0.name == name })
        #expect(name.wholeMatch(of: #/(?:torii|process)(?:_[a-z]+)+/#) != nil)
        #expect(name.hasSuffix("_total") == (family.kind == .counter))
        #expect(family.help.first?.isUppercase != false || family.help.first?.isNumber == true)
        #expect(family.help.hasSuffix("."))
        #expect(family.scale == 1 || name.hasSuffix("_seconds") || name.hasSuffix("_ratio"))
        #expect(!family.labels.contains { ["le", "quantile", "job", "instance"].contains($0) })
    }

    @Test func everyReasonHasItsSeriesFromTheStart() {
        for reason in DropReason.allCases {
            #expect(Self.page.text.contains("\ntorii_drops_total{route=\"\",reason=\"\(reason.label)\"} 0\n"))
        }
        for kind in JoinRefusal.Kind.allCases {
            #expect(Self.page.text.contains("\ntorii_join_refusals_total{reason=\"\(kind.rawValue)\"} 0\n"))
        }
    }
}

@Suite struct ProcessUsageTests {
    @Test func whatThisProcessUsesIsRead() {
        let usage = ProcessUsage.now
        #expect(usage.processorSeconds > 0)
        #expect(usage.residentBytes > 1 << 20 && usage.residentBytes < usage.virtualBytes)
        #expect(usage.openDescriptors >= 3 && UInt64(usage.openDescriptors) <= usage.descriptorLimit)
        let age = Date().timeIntervalSince1970 - usage.startTime
        #expect(age > -1 && age < 3_600)
    }

    @Test func openedDescriptorsAreCounted() throws {
        // Other tests open and close some, too.
        let before = ProcessUsage.now.openDescriptors
        let pipes = (0..<500).map { _ in Pipe() }
        #expect(ProcessUsage.now.openDescriptors > before + 900)
        withExtendedLifetime(pipes) {}
    }

    /// proc(5): the name is in brackets and may have any characters.
    @Test func aProgramsNameDoesNotMoveTheFields() {
        #expect(ProcessUsage.statusFields("7 (a) S (b c) 8) R 1 2\n")?.first == "R")
        #expect(ProcessUsage.statusFields("") == nil)
    }
}
