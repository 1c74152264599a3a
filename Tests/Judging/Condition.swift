import Reports

@testable import Lab
@testable import Loops

/// Something that befalls a made-up run, in a word and a number: `skipped 9`, `signal 2`.
struct Condition: Sendable, Equatable, CustomStringConvertible {
    /// What is said beside the fates of probes.
    enum Name: String, Sendable, CaseIterable {
        // What workers noticed.
        case duplicates, resets, stall
        case endedFlows = "ended-flows"
        case silentToTheEnd = "silent-to-the-end"
        case closedToTheEnd = "closed-to-the-end"
        case responderStall = "responder-stall"
        case responderEnded = "responder-ended"
        case otherAnswers = "other-answers"
        case receiveErrors = "receive-errors"
        case responderReceiveErrors = "responder-receive-errors"
        case relayReceiveErrors = "relay-receive-errors"
        case relayDropsForward = "relay-send-failed"
        case relayDropsBackward = "relay-send-failed-backward"
        case roomFailed = "room-failed"
        case roomMissing = "room-missing"
        case eventLeftOut = "event-left-out"
        // What the kernel does not say.
        case noDrops = "no-drop-counter"
        case noResponderDrops = "no-drop-counter-at-responder"
        case noErrorQueue = "no-error-queue"
        // What contradicts something.
        case extraProbes = "extra-probes"
        case extraAnswers = "extra-answers"
        case unsentNumbers = "unsent-numbers"
        case lossOff = "loss-off"
        case intervalOff = "interval-off"
        case scheduledOff = "scheduled-off"
        case negativeStall = "negative-stall"
        case relayCountsLess = "relay-counts-less"
        case rejectedElsewhere = "rejected-elsewhere"
        case roomExtra = "room-extra"
        case infiniteLoss = "infinite-loss"
        // What ended the run.
        case signal
        case neverBegan = "never-began"
        case hostFailed = "host-failed"
        case hostLost = "host-lost"
        case workerKilled = "worker-killed"
        case workerCrashed = "worker-crashed"
        case serviceFailed = "service-failed"
        case senderGaveNothing = "sender-gave-nothing"
        case responderGaveNothing = "responder-gave-nothing"
        case relayGaveNothing = "relay-gave-nothing"
        case networkGaveNothing = "network-gave-nothing"
    }

    enum What: Sendable, Equatable {
        case fate(Fate)
        case other(Name)
    }

    let what: What
    let amount: Int

    var description: String {
        switch what {
        case .fate(let fate): "\(fate.rawValue) \(amount)"
        case .other(let name): "\(name.rawValue) \(amount)"
        }
    }

    init(_ what: What, _ amount: Int) {
        self.what = what
        self.amount = amount
    }

    /// - Parameter text: `skipped 9`; nil for what is no condition.
    init?(_ text: Substring) {
        let words = text.split(separator: " ")
        guard words.count == 2, let amount = Int(words[1]) else { return nil }
        let word = String(words[0])
        if let fate = Fate(rawValue: word) {
            self.init(.fate(fate), amount)
        } else if let name = Name(rawValue: word) {
            self.init(.other(name), amount)
        } else {
            return nil
        }
    }
}

extension MadeUpRun {
    /// Lets it happen, as far as the run has room for it.
    ///
    /// - Returns: Whether it did.
    @discardableResult
    mutating func say(_ condition: Condition) -> Bool {
        switch condition.what {
        case .fate(let fate):
            var left = condition.amount
            for part in measured { left -= fates[part].add(fate, left) }
            return left == 0
        case .other(let name):
            guard amounts[name] == nil else { return false }
            amounts[name] = condition.amount
            return end(name, condition.amount)
        }
    }

    /// What ends the run; true for all else.
    private mutating func end(_ name: Condition.Name, _ amount: Int) -> Bool {
        func failed(_ kind: WorkerFailure.Kind, _ reason: String) -> WorkerError.Reason {
            .failed(
                WorkerMessage(
                    "failed",
                    [
                        .init(key: "kind", value: .string(kind.rawValue)),
                        .init(key: "reason", value: .string(reason)),
                        .init(key: "output", value: .array([.string("it said this")])),
                    ]))
        }
        let reason: WorkerError.Reason
        var worker = "sender calls"
        switch name {
        case .signal:
            stopSignal = amount == 2 ? "SIGINT" : "SIGTERM"
            return true
        case .hostFailed: reason = failed(.setUp, "cannot wait (epoll_wait): EPERM")
        case .hostLost:
            reason = .hostLost(
                HostLoss(host: "b", reason: "said nothing", heardNs: 0, lastWords: ["bye"]))
        case .workerKilled: reason = .ended(WorkerExit(code: nil, signal: 9))
        case .workerCrashed: reason = .ended(WorkerExit(code: nil, signal: 11))
        case .serviceFailed:
            reason = failed(.command, "the command exited with code 1")
            worker = "responder far"
        default: return true
        }
        guard failure == nil else { return false }
        failure = RunFailure(
            identity: layout.identity,
            error: WorkerError(
                worker: worker, awaited: "result", reason: reason, diagnostics: []),
            worker: worker, atNs: 500_000_000)
        return true
    }
}
