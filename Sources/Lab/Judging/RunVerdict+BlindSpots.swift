import Metrics
import Reports

/// Losses on this host that cannot be counted, or are only possible: if more datagrams are missing
/// than the tolerance, they are not losses of the network.
extension RunVerdict {
    func blindSpots(_ run: RunReport) -> [String] {
        run.streams.flatMap { uncounted($0) + unheard($0) } + failedReceives(run)
    }

    /// Returns sentences on sockets whose kernel does not report drops of a full buffer.
    private func uncounted(_ stream: StreamReport) -> [String] {
        let ledger = stream.ledger
        var sentences: [String] = []
        func add(_ missing: Int?, _ whose: String, _ host: String) {
            guard let missing, isBeyondTolerance(missing, stream) else { return }
            sentences.append(
                "\(stream.sender): \(UnitText.count(missing)) of "
                    + "\(UnitText.count(ledger.scheduled)) datagrams are missing, and may have "
                    + "overflowed \(whose) receive buffer on \(host): its kernel does not count "
                    + "what that refuses (SO_MEMINFO)")
        }
        // Of anybody's reflector nothing is known but its answers: what it dropped is the path's.
        if ledger.responderReceived != nil, ledger.responderOverflow == nil, stream.stamp == nil {
            add(ledger.forwardLost, "the responder's", responderHost(of: stream))
        }
        let isOneWay = ledger.responderReceived != nil && ledger.echoed == nil
        if stream.isFollowed, !isOneWay, ledger.senderOverflow == nil {
            add(ledger.backwardLost ?? ledger.lostUnsplit, "the sender's", host(of: stream))
        }
        if let chat = stream.chat, chat.memberOverflow == nil {
            add(chat.lost, "the members'", host(of: stream))
        }
        return sentences
    }

    /// Returns sentences on sockets without an error queue, for which the kernel does not report
    /// drops of a full sending queue.
    private func unheard(_ stream: StreamReport) -> [String] {
        let missing = stream.ledger.forwardLost ?? stream.ledger.lostUnsplit
        guard stream.features.errorQueue == .unsupported, let missing,
            isBeyondTolerance(missing, stream)
        else { return [] }
        return [
            "\(stream.sender): \(UnitText.count(missing)) of "
                + "\(UnitText.count(stream.ledger.scheduled)) datagrams are missing, and may have "
                + "been dropped by a full queue of \(host(of: stream)): it refuses IP_RECVERR, which would "
                + "tell"
        ]
    }

    /// Returns sentences on failed receive calls, each of which may have lost a datagram.
    private func failedReceives(_ run: RunReport) -> [String] {
        var sentences: [String] = []
        let scheduled = run.streams.reduce(0) { $0 + $1.ledger.scheduled }
        func add(_ errors: [String: Int]?, _ of: String, _ host: String, _ scheduled: Int) {
            let count = errors?.values.reduce(0, +) ?? 0
            guard let errors, count > 0, Double(count) > scenario.tolerance * Double(scheduled)
            else { return }
            let names = errors.keys.sorted().joined(separator: ", ")
            let calls = count == 1 ? "receive call" : "receive calls"
            sentences.append(
                "\(UnitText.count(count)) \(calls) of \(of) failed on \(host) (\(names)), and "
                    + "what they would have brought may be missing")
        }
        for stream in run.streams {
            add(
                stream.receiveErrors, "sender \(stream.sender)", host(of: stream),
                stream.ledger.scheduled)
        }
        for (instance, responder) in run.eachResponder.enumerated() {
            let name = run.responders.isEmpty ? "the responder" : "responder \(responder.name)"
            add(
                responder.receiveErrors, name, responderHost(ofInstance: instance), scheduled)
        }
        add(run.relay?.receiveErrors, "the relay", "this host", scheduled)
        return sentences
    }

    private func isBeyondTolerance(_ count: Int, _ stream: StreamReport) -> Bool {
        count > 0 && Double(count) > scenario.tolerance * Double(stream.ledger.scheduled)
    }
}
