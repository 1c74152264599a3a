import Datagrams
import Glibc
import Reports

/// A volley: many datagrams, whose outcomes are counted.
struct Volley {
    var count: Int
    var bytes = 64
    /// The maximum number of unanswered probes at once; nil for all.
    var window: Int?
    /// The time between probes; 0 for the maximum rate.
    var intervalNs: Int64 = 0
    /// Whether every probe is sent twice, the second time in another order.
    var isShuffledTwice = false
    /// The wait after the last answer, while nothing waits in the server's buffer.
    var quietNs: Int64 = 2 * Bench.secondNs
}

/// The outcome of a volley, in all and by source.
struct VolleyResult {
    struct Source: Equatable {
        /// The probes sent by the source.
        var asked = 0
        /// The answers to any probe that the source received.
        var received = 0
        /// The source's own probes whose answer it received.
        var answered = 0
    }

    var datagrams = TrialDatagrams()
    var sources: [Source] = []

    /// The part of an answer that is mixed up.
    enum Mixup { case address, payload }

    /// The mix-up of answers that go to other sources than had asked: their payload belongs to
    /// another question if every source has as many answers as questions, and payloads arrive
    /// repeatedly; otherwise their address is that of another source.
    var mixup: Mixup? {
        guard datagrams.misdirected > 0 else { return nil }
        let isEven = sources.allSatisfy { $0.received <= $0.asked }
        return isEven && datagrams.duplicates > 0 ? .payload : .address
    }
}

extension Bench {
    /// The time after which a window that does not move is taken for lost.
    private static let stuckNs: Int64 = 700 * millisecondNs
    /// The time limit after the last datagram was sent, whatever waits anywhere.
    private static let drainLimitNs: Int64 = 40 * secondNs
    private static let sendsInARow = 32
    /// The interval at which the server is asked while only the last answers are awaited, so that a
    /// silence of its own does not affect the volley.
    private static let awakeNs: Int64 = 400 * millisecondNs
    /// The number of checks of a buffer that does not empty after which its server counts as
    /// stalled.
    private static let unmovedAtMost = 2

    /// Sends numbered probes from the peers in turn and receives the answers.
    ///
    /// - Parameter beside: Called from time to time, for other work of the trial.
    func volley(
        _ order: Volley, from peers: [Peer], beside: () throws -> Void = {}
    ) throws -> TrialDatagrams {
        try volleyBySource(order, from: peers, beside: beside).datagrams
    }

    /// Does the same, and returns the outcome of each source.
    func volleyBySource(
        _ order: Volley, from peers: [Peer], beside: () throws -> Void = {}
    ) throws -> VolleyResult {
        drain()
        let flight = try Flight(self, order, peers)
        let serverDrops = serverDrops
        let ownDrops = Int?.sum(flight.listeners.map(\.drops))
        while !flight.isOver(bench: self) {
            try checkStop()
            try beside()
            if server.hasEnded { break }
            flight.send()
            flight.keepAwake(self)
            try flight.receive(self)
        }
        var result = flight.result
        var datagrams = result.datagrams
        var left = max(0, datagrams.sent - datagrams.answered)
        if let ownDrops, let now = Int?.sum(flight.listeners.map(\.drops)) {
            datagrams.lostInOwnBuffer = min(left, now - ownDrops)
        }
        left -= datagrams.lostInOwnBuffer ?? 0
        if let serverDrops, let now = self.serverDrops {
            let lost = min(left, max(0, now - serverDrops))
            datagrams.lostInServerBuffer = lost
            left -= lost
        }
        datagrams.lostElsewhere = left
        result.datagrams = datagrams
        return result
    }

    /// The state of a volley.
    private final class Flight {
        let order: Volley
        let peers: [Peer]
        /// The peers, and the sniffer behind them.
        let listeners: [any Listener]
        private let target: SocketAddress
        private let text: ProbeText
        private let firstNumber: Int
        private let readiness: Readiness
        /// The number of the probe at each place of the schedule.
        private let schedule: [Int]
        private var answers: [UInt8]
        private var next = 0
        private var answered = 0
        private var forgiven = 0
        private let startNs: Int64
        private let slowestNs: Int64
        private var progressNs: Int64
        private var lastSentNs: Int64
        private var lastAwakeNs: Int64 = 0
        private var lastBacklog = Int.max
        private var unmoved = 0
        private(set) var result: VolleyResult

        init(_ bench: Bench, _ order: Volley, _ peers: [Peer]) throws {
            readiness = try Readiness()
            self.order = order
            self.peers = peers
            target = bench.target
            text = bench.text
            listeners = peers.map { $0 as any Listener } + [bench.ear].compactMap { $0 }
            slowestNs = bench.slowestNs
            firstNumber = bench.number + 1
            bench.number += order.count
            var schedule = Array(0..<order.count)
            if order.isShuffledTwice {
                schedule += Array(0..<order.count).shuffled(using: &bench.generator)
            }
            self.schedule = schedule
            answers = Array(repeating: 0, count: order.count)
            result = VolleyResult(
                sources: Array(repeating: VolleyResult.Source(), count: peers.count))
            startNs = Bench.nowNs()
            progressNs = startNs
            lastSentNs = startNs
            for (index, peer) in listeners.enumerated() {
                try readiness.add(peer.descriptor, token: index)
            }
        }

        private var copies: Int { order.isShuffledTwice ? 2 : 1 }

        func isOver(bench: Bench) -> Bool {
            guard next == schedule.count else { return false }
            if answered >= schedule.count { return true }
            let now = Bench.nowNs()
            if now - lastSentNs > Bench.drainLimitNs { return true }
            guard now - progressNs > order.quietNs + bench.slowestNs else { return false }
            let waiting = bench.backlogBytes
            defer { lastBacklog = waiting }
            if bench.server.isOwn, bench.isWaitingForProcessor { return false }
            // Before the volley gives up, it checks whether the backlog shrinks.
            unmoved = waiting < lastBacklog ? 0 : unmoved + 1
            guard waiting > 0, unmoved < Bench.unmovedAtMost else { return true }
            progressNs = now
            return false
        }

        func send() {
            for _ in 0..<Bench.sendsInARow where next < schedule.count {
                let now = Bench.nowNs()
                guard now >= startNs + Int64(next) * order.intervalNs else { return }
                if let window = order.window, next - answered - forgiven >= window {
                    guard now - progressNs > Bench.stuckNs + 2 * slowestNs else { return }
                    forgiven = next - answered
                }
                let probe = schedule[next]
                let octets = text.octets(firstNumber + probe, bytes: order.bytes)
                if peers[probe % peers.count].send(octets, to: target) {
                    result.datagrams.sent += 1
                    result.sources[probe % peers.count].asked += 1
                } else {
                    result.datagrams.unsent += 1
                    answered += 1
                }
                next += 1
                lastSentNs = now
            }
        }

        /// Keeps the server awake with questions whose answers are not counted, because their
        /// numbers are not the volley's.
        func keepAwake(_ bench: Bench) {
            let now = Bench.nowNs()
            guard next == schedule.count, now - max(lastSentNs, lastAwakeNs) > Bench.awakeNs else {
                return
            }
            lastAwakeNs = now
            bench.regular.send(bench.question(bytes: 32).octets, to: target)
        }

        /// Waits for datagrams, but not past the next slot.
        func receive(_ bench: Bench) throws(SystemFailure) {
            let now = Bench.nowNs()
            var waitNs = 10 * Bench.millisecondNs
            if next < schedule.count, order.window == nil {
                waitNs = min(waitNs, startNs + Int64(next) * order.intervalNs - now)
            }
            let count = readiness.wait(timeoutNs: waitNs)
            guard count >= 0 else {
                throw SystemFailure(
                    "cannot wait for answers", "(\(Readiness.WaitCall.current))",
                    SystemErrno(rawValue: Int32(-count)))
            }
            for index in 0..<count {
                let listener = readiness.token(index)
                while let letter = listeners[listener].take(bench.room) {
                    take(letter, at: listener)
                }
            }
        }

        private func take(_ letter: Letter, at listener: Int) {
            guard let number = text.number(letter.octets) else { return }
            let probe = number - firstNumber
            guard answers.indices.contains(probe) else { return }
            progressNs = Bench.nowNs()
            if !text.isRight(letter.octets, number: number, bytes: order.bytes) {
                result.datagrams.altered += 1
            }
            let asker = probe % peers.count
            if listener < peers.count {
                result.sources[listener].received += 1
                if listener == asker {
                    result.sources[asker].answered += 1
                } else {
                    result.datagrams.misdirected += 1
                }
            } else {
                result.sources[asker].answered += 1
            }
            guard answers[probe] < copies else {
                result.datagrams.duplicates += 1
                return
            }
            answers[probe] += 1
            answered += 1
            result.datagrams.answered += 1
        }
    }
}
