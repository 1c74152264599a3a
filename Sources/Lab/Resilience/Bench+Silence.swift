import Datagrams
import Glibc

/// The fault of a server that could be asked and has never answered.
struct Silence {
    /// The trial that the fault fails.
    let trial: String
    let saw: String
    let change: String
    /// Whether the answers may go to an address at which this host does not receive.
    var mayBeFar = false
}

/// The reason why a server never answers: a fault of its own, if that can be proven.
extension Bench {
    private static let questions = 10
    private static let questionEveryNs = 20 * millisecondNs
    private static let quietNs = 200 * millisecondNs
    /// The maximum number of datagrams that leave a host within `quietNs` without an endless
    /// sender.
    private static let unaskedAtMost = 200

    /// Explains the silence.
    /// - Returns: nil if nothing proves that there is a server, or that it was asked.
    func explainSilence() throws -> Silence? {
        guard hadPort else { return nil }
        if let ending = server.ending() { return portWasFree ? ended(ending) : nil }
        if let stray = strays.first, text.request != nil {
            return Silence(
                trial: EchoTrials.baseline.id,
                saw: "no datagram of it answers the request: one was "
                    + Wording.quoted(stray.octets),
                change: "look at --request, and at --answer, which says how an answer is told")
        }
        if let stray = strays.first {
            return Silence(
                trial: EchoTrials.baseline.id,
                saw: "it is no echo server: it answers, but with something else than it was asked; "
                    + "an answer was \(Wording.quoted(stray.octets))",
                change: "an echo returns the payload as it came, with nothing added or changed")
        }
        guard isLocal, let sockets = openSockets, sockets > 0 else { return nil }
        if answersItself { return try asksItself() }
        return try silent()
    }

    private func ended(_ ending: String) -> Silence {
        let isUnreachable = Self.unreachableWords.contains { ending.contains($0) }
        return Silence(
            trial: isUnreachable ? EchoTrials.replyAddress.id : EchoTrials.baseline.id,
            saw: "it was asked, and ended before it had answered anything: \(ending)",
            change: isUnreachable
                ? "\(advice.replyToSender): whoever asks can be reached, and another host cannot "
                    + "from a socket of 127.0.0.1 (EINVAL)" : advice.survive,
            mayBeFar: isUnreachable)
    }

    /// The words of the C library and of Python about an address other than the asker's.
    private static let unreachableWords = [
        "unreachable", "No route to host", "getaddrinfo", "gaierror", "name resolution",
        "Name or service not known", "ENETUNREACH", "EHOSTUNREACH", "Invalid argument", "EINVAL",
    ]

    private func asksItself() throws -> Silence {
        // Only the server's exit stops it.
        needsRestart = true
        return Silence(
            trial: EchoTrials.replyAddress.id,
            saw: "its answers go to its own address, so it asks itself without end",
            change: advice.replyToSender)
    }

    private func silent() throws -> Silence? {
        try rest(ns: Self.quietNs)
        let waiting = backlogBytes
        let before = DatagramCounter.sent(target.family)
        try rest(ns: Self.quietNs)
        let unasked = Self.sent(since: before, target.family)
        if let unasked, unasked > Self.unaskedAtMost, waiting > 0, backlogBytes > 0,
            server.facts()?.isRunnable == true
        {
            return try asksItself()
        }
        if backlogBytes > 0 {
            // Whether another owner has stopped a server is unknown.
            guard server.isOwn else { return nil }
            return Silence(
                trial: EchoTrials.baseline.id,
                saw: "it has the port, and does not take the datagrams that wait there",
                change: "read from the socket in a loop: \(advice.answerEach)")
        }
        if let extra = try sentBeside(), try sentBeside() == extra {
            return Silence(
                trial: EchoTrials.replyAddress.id,
                saw: "no answer came to the sender: while it was asked \(Self.questions) times, "
                    + "\(Wording.count(extra)) more datagrams left this host, to another host or "
                    + "to a port that another program has",
                change: advice.replyToSender, mayBeFar: true)
        }
        return Silence(
            trial: EchoTrials.baseline.id,
            saw: "it takes every datagram, and no answer came to the sender",
            change: advice.answerEach, mayBeFar: true)
    }

    /// Returns the number of datagrams other than questions that leave this host while the server
    /// is asked.
    /// - Returns: nil unless their number is that of answers, once or twice each, and none left
    ///   before: on a host with other traffic the number has no meaning.
    private func sentBeside() throws -> Int? {
        let before = DatagramCounter.sent(target.family)
        try rest(ns: Self.quietNs)
        guard let idle = Self.sent(since: before, target.family), idle == 0 else { return nil }
        let begun = DatagramCounter.sent(target.family)
        for _ in 0..<Self.questions {
            regular.send(question(bytes: 32).octets, to: target)
            try rest(ns: Self.questionEveryNs)
        }
        try rest(ns: Self.quietNs)
        let sent = Self.sent(since: begun, target.family) ?? 0
        let extra = sent - Self.questions
        return extra == Self.questions || extra == 2 * Self.questions ? extra : nil
    }

    private static func sent(since before: Int?, _ family: SocketAddress.Family) -> Int? {
        guard let before, let now = DatagramCounter.sent(family) else { return nil }
        return now - before
    }
}
