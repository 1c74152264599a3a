import Datagrams
import Glibc
import Reports

/// Many datagrams, and what became of them.
struct Volley {
    var count: Int
    var bytes = 64
    /// How many may be unanswered at once; nil for all.
    var window: Int?
    /// From one to the next; 0 for as fast as it goes.
    var intervalNs: Int64 = 0
    /// Sends every probe twice, the second time in another order.
    var isShuffledTwice = false
    /// After the last answer, while nothing waits in the server's buffer.
    var quietNs: Int64 = 2 * Bench.secondNs
}

/// What became of a volley, in all and of each source.
struct VolleyResult {
    struct Source: Equatable {
        /// Probes that left from it.
        var asked = 0
        /// Answers to whatever probe that came to it.
        var received = 0
        /// Probes of its own whose answer came to it.
        var answered = 0
    }

    var datagrams = TrialDatagrams()
    var sources: [Source] = []

    /// What goes to the wrong place, when something does.
    enum Mixup { case address, payload }

    /// Answers that go to other sources than had asked: their payload is that of another question
    /// where every source has as many answers as questions, and payloads come more than once; else
    /// their address is that of another.
    var mixup: Mixup? {
        guard datagrams.misdirected > 0 else { return nil }
        let isEven = sources.allSatisfy { $0.received <= $0.asked }
        return isEven && datagrams.duplicates > 0 ? .payload : .address
    }
}

extension Bench {
    /// A window that does not move is taken for lost after this.
    private static let stuckNs: Int64 = 700 * millisecondNs
    /// After the last datagram was sent, whatever waits where.
    private static let drainLimitNs: Int64 = 40 * secondNs
    private static let sendsInARow = 32
    /// While only the last answers are awaited the server is asked this often: nothing that a
    /// silence may do to it is a volley's.
    private static let awakeNs: Int64 = 400 * millisecondNs
    /// Quiet looks at a buffer that does not empty, before its server is taken for stalled.
    private static let unmovedAtMost = 2

    /// Sends numbered probes from the peers in turn and takes the answers.
    ///
    /// - Parameter beside: Called now and then, for what else a trial does meanwhile.
    func volley(
        _ order: Volley, from peers: [Peer], beside: () throws -> Void = {}
    ) throws -> TrialDatagrams {
        try volleyBySource(order, from: peers, beside: beside).datagrams
    }

    /// The same, with what became of each source.
    func volleyBySource(
        _ order: Volley, from peers: [Peer], beside: () throws -> Void = {}
    ) throws -> VolleyResult {
        drain()
        let flight = try Flight(self, order, peers)
        let serverDrops = isLocal ? PortUse.load(on: target)?.drops : nil
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
        if let serverDrops, let now = PortUse.load(on: target)?.drops {
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
        /// The peers, and the ear behind them.
        let listeners: [any Listener]
        private let target: SocketAddress
        private let text: ProbeText
        private let firstNumber: Int
        private let readiness: Readiness
        /// Which probe goes at which place of the schedule.
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
            // Before it gives up, it looks whether what waits becomes less.
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

        /// What comes back of it counts nowhere: its number is none of the volley's.
        func keepAwake(_ bench: Bench) {
            let now = Bench.nowNs()
            guard next == schedule.count, now - max(lastSentNs, lastAwakeNs) > Bench.awakeNs else {
                return
            }
            lastAwakeNs = now
            bench.regular.send(bench.question(bytes: 32).octets, to: target)
        }

        /// Waits for what comes, but not past the next slot.
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
            if letter.octets != text.octets(number, bytes: order.bytes) {
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
