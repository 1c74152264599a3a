import Datagrams
import Impairment
import Load
import Metrics
import STAMP
import Testing

@testable import Loops

/// One run of the shipped responder loop over scripted arrivals, and what it counted.
struct ResponderRun {
    static let timeoutNs: Int64 = 50_000_000

    let script: ResponderScript
    let counts: ResponderCounts
    let figures: StreamFigures
    let rejected: RejectedCounts
    let datagrams: Int
    let drops: Int
    let resets: ResetFigures
    let stalls: StallCounts
    let receiveErrors: [String: Int]
    let fault: HostFault?
    /// The last counts that were reported; nil for a loop that reports none.
    let feedback: LoadFeedback?
    let held: HeldFigures?
    let endTimes: [EndTimes.Entry]
    let endNs: Int64

    /// - Parameter sent: What each flow sent; told with the stop, after the last arrival.
    init(
        _ stream: ExpectedStream, echoes: Bool, over script: ResponderScript, sent: [Int],
        stopAtNs: Int64? = nil, drainNs: Int64 = 0, onReset: RetryPolicy = .always,
        bound: SocketAddress? = nil, expectsAltered: Bool = false, countsTail: Bool = true,
        reflection: Reflection? = nil, feedbackStream: Int? = nil, replyBytes: Int? = nil,
        replyDelay: DelayModel? = nil
    ) {
        let control = LoopControl()
        let lastNs = script.arrivals.last?.atNs ?? SimulatedClock.startNs
        script.clock.alarm(atNs: stopAtNs ?? lastNs + 1_000_000) {
            control.stop(drainNs: drainNs, sent: [sent])
        }
        let seed = script.seed
        script.clock.alarm(atNs: lastNs + 3_600_000_000_000) {
            fatalError("the loop does not end, seed \(seed)")
        }
        var loop = ResponderLoop<SimulatedResponderKernel, SimulatedClock>(
            streams: [stream], echoes: echoes, runID: SenderRun.runID,
            anchorNs: SenderRun.anchorNs, clock: script.clock, control: control,
            coalesces: script.coalesces, onReset: onReset, bound: bound,
            expectsAltered: expectsAltered, reflection: reflection,
            feedbackStream: feedbackStream, replyBytes: replyBytes,
            replyDelay: replyDelay.map { DelayProcess($0, seed: 3) })
        var kernel = SimulatedResponderKernel(script: script)
        loop.run(&kernel)
        endNs = script.clock.timeNs
        feedback = control.takeFeedback()
        if countsTail {
            loop.close(stream: 0, sent: control.sentByStream.first ?? sent)
        } else {
            for flow in 0..<stream.flows where loop.served(0, flow) {
                loop.close(stream: 0, flow: flow, sent: sent[flow], countsTail: false)
            }
        }
        self.script = script
        counts = loop.counts(stream: 0)
        figures = loop.figures(stream: 0)
        rejected = loop.rejected
        datagrams = loop.datagrams
        drops = kernel.drops() ?? -1
        resets = loop.resetFigures
        stalls = loop.stalls.counts
        receiveErrors = loop.receiveErrors.byName
        fault = loop.fault
        held = loop.heldFigures()
        endTimes = loop.endTimes[0].entries
    }

    static func stream(
        flows: Int = 1, payloadBytes: Int = 64, firstSequence: UInt64 = 0,
        verifies: Bool = false, bound: SendingBound? = nil, sources: [SocketAddress] = []
    ) -> ExpectedStream {
        ExpectedStream(
            firstSession: 7, flows: flows, payloadBytes: payloadBytes,
            firstSequence: firstSequence,
            statistics: StreamConfiguration(
                timeoutNs: timeoutNs, payloadBytes: payloadBytes,
                startNs: SimulatedClock.startNs, direction: .oneWay),
            windowCapacity: 4_096, verifies: verifies, bound: bound, sources: sources)
    }

    /// Probe `index` of `flow` as a sender of `stream` makes it.
    static func probe(
        _ index: Int, flow: Int = 0, of stream: ExpectedStream, sentNs: Int64
    ) -> [UInt8] {
        let layout = SenderRun.layout(stream.payloadBytes)
        var octets = [UInt8](repeating: 0, count: stream.payloadBytes)
        octets.withUnsafeMutableBytes {
            guard let base = $0.baseAddress else { return }
            layout.prepare(base)
            layout.write(
                base, session: stream.firstSession + UInt16(flow),
                sequence: stream.firstSequence + UInt64(index), sentNs: sentNs)
        }
        return octets
    }

    static let peer = SocketAddress(numeric: "127.0.0.1:40000")
    static let stranger = SocketAddress(numeric: "127.0.0.1:40001")

    /// `count` probes, 100 µs apart, each after 20 µs.
    static func steady(_ count: Int, of stream: ExpectedStream) -> ResponderScript {
        let script = ResponderScript()
        for index in 0..<count {
            let sentNs = SimulatedClock.startNs + Int64(index + 1) * 100_000
            script.arrivals.append(
                .init(
                    atNs: sentNs + 20_000, octets: probe(index, of: stream, sentNs: sentNs),
                    source: peer))
        }
        return script
    }
}
