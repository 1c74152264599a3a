import Impairment
import Lab
import Plans
import Testing

/// What a host lacks for a namespace network, as sentences.
@Suite struct NamespaceSupportTests {
    private static let complete: NamespaceSupport = {
        var support = NamespaceSupport(way: .root)
        support.hasTbf = true
        support.hasNetem = true
        support.hasRandomDrop = true
        return support
    }()

    private static let everything: NamespaceNetwork = {
        var network = NamespaceNetwork()
        network.forward = Impairment(
            loss: .bernoulli(probability: Probability(0.01)), delay: .constant(ns: 1),
            bottleneck: Bottleneck(bitsPerSecond: 1_000_000, queueBytes: 1 << 16))
        return network
    }()

    @Test("a host that has all of it stands in the way of nothing")
    func complete() {
        #expect(Self.complete.obstacle(to: Self.everything) == nil)
    }

    @Test(
        "a lack is told by name, and only to a network that needs it",
        arguments: [
            ("ip", "iproute2"), ("tc", "iproute2"), ("nft", "nftables"), ("tbf", "sch_tbf"),
            ("numgen", "nft_numgen"),
        ])
    func lack(what: String, named: String) throws {
        var support = Self.complete
        switch what {
        case "tbf": support.hasTbf = false
        case "numgen": support.hasRandomDrop = nil
        default: support.missingPrograms = [what]
        }
        let sentence = try #require(support.obstacle(to: Self.everything))
        #expect(sentence.contains(named))
        #expect((support.obstacle(to: NamespaceNetwork()) == nil) == (what != "ip"))
    }

    @Test(
        "a program that fails for another reason is told in its own words",
        arguments: [("tbf", "signal 9 ended it"), ("nft", "Error: out of memory")])
    func failure(what: String, words: String) throws {
        var support = Self.complete
        if what == "tbf" { support.hasTbf = nil } else { support.hasRandomDrop = nil }
        support.failures[what] = "it: \(words)"
        let sentence = try #require(support.obstacle(to: Self.everything))
        #expect(sentence.contains(words), "\(sentence)")
        #expect(!sentence.contains("has no"), "\(sentence)")
    }

    @Test("without namespaces there is no network at all, and the kernel's reason is told")
    func none() throws {
        let support = NamespaceSupport(way: .none, refusal: "EPERM")
        let sentence = try #require(support.obstacle(to: NamespaceNetwork()))
        #expect(sentence.contains("EPERM"))
        #expect(sentence.contains("max_user_namespaces"))
    }
}
