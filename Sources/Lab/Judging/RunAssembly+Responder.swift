import Datagrams
import Load
import Loops
import Metrics
import Plans
import Reports

/// The report of the answering side.
extension RunAssembly {
    /// Returns the report of all instances of the responder together.
    func responder() -> ResponderReport? {
        guard let definition = layout.responder, let first = outcome.responders.first,
            let member = first.member
        else { return nil }
        guard outcome.responders.count > 1 else {
            return report(definition, name: definition.name, member, first.totals)
        }
        return report(
            definition, name: definition.name, member, outcome.responderTotals,
            instances: outcome.responders.count)
    }

    /// The longest measured time of the streams.
    private var measuredNs: Int64 {
        outcome.senders.compactMap { $0.result?.sender?.measuredNs }.max() ?? 0
    }

    /// Returns the reports of the single instances, if there are several.
    func responderInstances() -> [ResponderReport] {
        guard let definition = layout.responder, outcome.responders.count > 1 else { return [] }
        return outcome.responders.enumerated().compactMap { instance, responder in
            responder.member.map {
                report(
                    definition, name: layout.name(ofInstance: instance), $0, responder.totals)
            }
        }
    }

    private func report(
        _ definition: ResponderDefinition, name: String, _ member: RunOutcome.Member,
        _ counts: ResponderResult?, instances: Int = 1
    ) -> ResponderReport {
        let address = member.ready.addresses.first ?? ""
        guard let counts, let own = definition.own else {
            var command: [String]?
            if case .command(let program) = definition.kind {
                let bound = SocketAddress(numeric: address)
                command =
                    bound.map { program.words(host: $0.host, port: $0.port) }
                    ?? program.words
            }
            return ResponderReport(
                name: name, command: command, address: address,
                drops: member.result?.command?.drops,
                outputTail: member.result?.command?.output ?? outcome.failure?.output ?? [])
        }
        let echoes = own.behaviour != .sink
        let ready = member.ready
        func use(_ isAsked: Bool, _ isGranted: Bool) -> FeaturesReport.Use {
            isAsked ? isGranted ? .on : .unsupported : .off
        }
        var unique = ResponderCounts()
        for stream in counts.streams { unique.add(stream.counts) }
        var report = ResponderReport(
            name: name, behaviour: own.behaviour.rawValue, address: address,
            received: counts.datagrams,
            unique: unique.received, echoed: echoes ? unique.echoed : nil,
            echoFailed: echoes ? unique.echoFailed : nil,
            rejected: counts.rejected.byReason, drops: counts.drops,
            receiveErrors: counts.receiveErrors,
            receiveBufferAskedBytes: ready.receiveBufferAskedBytes,
            receiveBufferGrantedBytes: ready.receiveBufferGrantedBytes,
            features: FeaturesReport(
                sendmmsg: use(echoes && !layout.singleCalls.sends, ready.features.sendmmsg),
                gso: echoes && ready.features.coalesces ? .on : .off,
                recvmmsg: use(!layout.singleCalls.receives, ready.features.recvmmsg),
                gro: ready.features.coalesces ? .on : .off,
                timestamps: ready.features.kernelTimestamps ? .kernel : .user,
                errorQueue: own.socket == .unconnectedRecverr ? .on : .off),
            resets: resets(counts, own),
            stalls: stalls(counts.stalls, threads: own.threads * instances))
        if own.replyBytes != nil || definition.replyDelay != nil {
            report.service = ServiceReport(
                replyPayloadBytes: own.replyBytes, heldNs: counts.held?.heldNs,
                heldOverflow: counts.held?.overflow, heldMost: counts.held?.most)
        }
        return report
    }

    /// Sentences on answers that were held, and on those for which there was no room.
    var heldNotes: [String] {
        let instances = responderInstances()
        let all = instances.isEmpty ? [responder()].compactMap(\.self) : instances
        return all.flatMap { report -> [String] in
            guard let service = report.service else { return [] }
            var notes = [service.sentence.map { "\(report.name) \($0)" }].compactMap(\.self)
            if let overflow = service.heldOverflow, overflow > 0 {
                notes.append(
                    "\(report.name) had no room to hold \(UnitText.count(overflow)) answers "
                        + "(held_overflow, in echo_failed): a thread holds "
                        + "\(OwnResponder.heldBytesMost >> 20) MiB; lower the rate or "
                        + "\"reply_delay\", or give it more \"threads\"")
            }
            return notes
        }
    }

    /// Returns the stalls. A responder does not know when the measured time ends: a stall that
    /// lasts beyond it counts at most the measured time.
    private func stalls(_ counts: StallCounts, threads: Int) -> StallsReport {
        let allNs = Int64(threads) * measuredNs
        return StallsReport(
            count: counts.count, longestNs: counts.longestNs, totalNs: counts.totalNs,
            measuredNs: min(counts.measuredNs, allNs), ofNs: allNs)
    }
}
