import Datagrams
import Harness
import Metrics
import STAMP
import Testing

@testable import Loops

/// The responder's loop as a STAMP reflector: whom it answers, with which numbers, and what it
/// counts.
@Suite struct ResponderStampTests {
    private static let key = AuthenticationKey(Array("a shared secret".utf8))

    /// `count` test packets, 100 µs apart, each after 20 µs.
    private static func steady(
        _ count: Int, of stream: ExpectedStream, key: AuthenticationKey? = nil
    ) -> ResponderScript {
        let script = ResponderScript()
        let packet = TestPacket(key: key, format: .ptp, errorNs: nil)
        for index in 0..<count {
            let sentNs = SimulatedClock.startNs + Int64(index + 1) * 100_000
            var octets = [UInt8](repeating: 0, count: stream.payloadBytes)
            octets.withUnsafeMutableBytes {
                guard let start = $0.baseAddress else { return }
                packet.prepare(start, bytes: stream.payloadBytes, seed: 1)
                packet.write(
                    start, session: stream.firstSession, sequence: UInt32(index), wallNs: sentNs)
            }
            script.arrivals.append(
                .init(atNs: sentNs + 20_000, octets: octets, source: ResponderRun.peer))
        }
        return script
    }

    private static func run(
        _ stream: ExpectedStream, over script: ResponderScript, sent: Int,
        key: AuthenticationKey? = nil
    ) -> ResponderRun {
        ResponderRun(
            stream, echoes: true, over: script, sent: [sent],
            reflection: Reflection(key: key, format: .ptp, errorNs: nil))
    }

    /// The numbers of the answers and of the packets that they answer.
    private static func numbers(
        _ run: ResponderRun, key: AuthenticationKey? = nil
    ) -> [(own: UInt32, senders: UInt32)] {
        let packet = TestPacket(key: key, format: .ptp, errorNs: nil)
        return run.script.answers.compactMap { answer in
            answer.octets.withUnsafeBytes { octets in
                octets.baseAddress.flatMap { packet.read($0) }.map {
                    ($0.number, $0.senderSequence)
                }
            }
        }
    }

    @Test("each packet is answered once, with the session's number", arguments: [false, true])
    func steady(isAuthenticated: Bool) {
        let key = isAuthenticated ? Self.key : nil
        let stream = ResponderRun.stream(payloadBytes: 160)
        let run = Self.run(
            stream, over: Self.steady(200, of: stream, key: key), sent: 200, key: key)
        #expect(run.counts.received == 200 && run.counts.echoed == 200)
        #expect(run.rejected.total == 0)
        let numbers = Self.numbers(run, key: key)
        #expect(numbers.map(\.own) == Array(0..<200))
        #expect(numbers.map(\.senders) == Array(0..<200))
        #expect(run.script.answers.allSatisfy { $0.octets.count == 160 })
    }

    @Test("a gap on the way there is a gap in no number, and a copy has one of its own")
    func numbersAreOfAnswers() {
        let stream = ResponderRun.stream()
        let script = Self.steady(10, of: stream)
        script.arrivals.remove(at: 4)
        script.arrivals.insert(script.arrivals[6], at: 7)
        let run = Self.run(stream, over: script, sent: 10)
        let numbers = Self.numbers(run)
        #expect(numbers.map(\.own) == Array(0..<10))
        #expect(numbers.map(\.senders) == [0, 1, 2, 3, 5, 6, 7, 7, 8, 9])
        #expect(run.counts.received == 9 && run.counts.echoed == 9)
        #expect(run.counts.duplicates == 1)
    }

    @Test("an answer that could not be sent takes no number")
    func failedAnswers() {
        let stream = ResponderRun.stream()
        let script = Self.steady(10, of: stream)
        script.sendScript = { call, _ in call == 3 ? .fail(22) : nil }
        let run = Self.run(stream, over: script, sent: 10)
        #expect(run.counts.echoFailed == 1 && run.counts.echoed == 9)
        #expect(Self.numbers(run).map(\.own) == Array(0..<9))
    }

    @Test("H2, H3 what is no packet of the key, the stream or the peer is rejected")
    func rejected() {
        let stream = ResponderRun.stream(
            payloadBytes: 160, sources: [ResponderRun.peer].compactMap(\.self))
        let script = Self.steady(100, of: stream, key: Self.key)
        let good = script.arrivals
        var forged = 0
        script.arrivals = good.enumerated().flatMap { index, arrival in
            var cut = arrival
            cut.octets = Array(arrival.octets.prefix(index))
            var altered = arrival
            altered.octets[index] ^= 1
            var other = arrival
            other.source = ResponderRun.stranger
            var longer = arrival
            longer.octets += [0]
            let all = [cut, altered, other, longer]
            forged += all.count
            return all + [arrival]
        }
        let run = Self.run(stream, over: script, sent: 100, key: Self.key)
        #expect(run.counts.received == 100 && run.counts.echoed == 100)
        #expect(run.counts.duplicates == 0)
        #expect(run.rejected.total == forged, "\(run.rejected)")
        #expect(run.script.answers.count == 100)
        #expect(run.datagrams == 100 + forged)
    }
}
