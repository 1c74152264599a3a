import Harness
import Testing

@testable import Loops

/// The keyed check by itself.
@Suite struct ProbeCheckTests {
    @Test("the check of a run says nothing of another's, and each of its bits is as often 0 as 1")
    func checksAreIndependent() {
        var generator = SeededGenerator(seed: 11)
        var ones = [Int](repeating: 0, count: 64)
        var equal = 0
        let rounds = 20_000
        for _ in 0..<rounds {
            let runID = UInt64.random(in: 1...UInt64.max, using: &generator)
            let sequence = UInt64.random(in: 0...1 << 40, using: &generator)
            let stamp = UInt64.random(in: 0...UInt64.max, using: &generator)
            let session = UInt16.random(in: 0...UInt16.max, using: &generator)
            let one = ProbeCheck(runID: runID)
            let other = ProbeCheck(runID: runID ^ 1)
            let value = one.value(sequence: sequence, stamp: stamp, session: session)
            if value == other.value(sequence: sequence, stamp: stamp, session: session) {
                equal += 1
            }
            for bit in 0..<64 where value >> UInt64(bit) & 1 == 1 { ones[bit] += 1 }
        }
        #expect(equal == 0)
        // Six standard deviations of 20,000 tosses.
        for bit in ones { #expect(abs(bit - rounds / 2) < 430) }
    }

    @Test("of headers that differ in a few bits one of 65,536 has the same check of 16 bits")
    func shortCheck() {
        var generator = SeededGenerator(seed: 12)
        let check = ProbeCheck(runID: 0x0123_4567_89ab_cdef)
        var collisions = 0
        let rounds = 1 << 18
        for _ in 0..<rounds {
            let sequence = UInt64.random(in: 0...1 << 32, using: &generator)
            let stamp = UInt64.random(in: 0...UInt64.max, using: &generator)
            let value = check.value(sequence: sequence, stamp: stamp, session: 7)
            let bit = UInt64.random(in: 0..<32, using: &generator)
            let stampBit = UInt64.random(in: 0..<64, using: &generator)
            let altered = check.value(
                sequence: sequence ^ 1 << bit, stamp: stamp ^ 1 << stampBit, session: 7)
            if (value ^ altered) & 0xffff == 0 { collisions += 1 }
        }
        // Four are expected; six standard deviations are 12.
        #expect((0...16).contains(collisions))
    }

    @Test("one coalesced message and its probes one by one have the same checks")
    func runsAreTheirProbes() {
        for payloadBytes in ForgedProbeTests.payloads {
            let layout = SenderRun.layout(payloadBytes)
            let count = 50
            var together = [UInt8](repeating: 0, count: count * payloadBytes)
            together.withUnsafeMutableBytes { octets in
                guard let base = octets.baseAddress else { return }
                for index in 0..<count { layout.prepare(base + index * payloadBytes) }
                layout.writeRun(
                    base, count: count, session: 9, sequence: (1 << 32) - 20, sentNs: 5_000_000)
                #expect(
                    layout.isRun(
                        base, count: count, sequence: (1 << 32) - 20, wholePayload: true))
                #expect(
                    !layout.isRun(
                        base, count: count, sequence: 1 << 32 - 19, wholePayload: true))
                for index in 0..<count {
                    #expect(
                        layout.isGenuine(
                            base + index * payloadBytes, sequence: (1 << 32) - 20 + UInt64(index)))
                }
            }
        }
    }
}
