import Impairment
import Lab
import Loops
import Metrics
import Reports

/// The summary of `udplab relay` at its end; `--json` prints it with snake_case keys.
struct RelaySummary: Encodable {
    /// The version of this format.
    var relay = 1
    var version: String
    var listen: String
    var target: String
    var seed: Int
    /// The effects of the impairments that differ from their numbers.
    var warnings: [String]
    var result: RelayResult

    var text: String {
        var lines = [
            Self.line("forward ", result.forward), Self.line("backward", result.backward),
        ]
        let own = result.ownDelayNs
        lines.append(
            "own delay p50 \(UnitText.time(ns: own?.p50)), p99 \(UnitText.time(ns: own?.p99)); "
                + "clients \(UnitText.count(result.flows))"
                + (result.flowsEvicted > 0
                    ? ", forgotten for others \(UnitText.count(result.flowsEvicted))" : ""))
        if result.forward.drops == nil || result.backward.drops == nil {
            lines.append("what full buffers dropped is not known: the kernel does not say")
        }
        for (name, count) in result.receiveErrors.sorted(by: { $0.key < $1.key }) {
            lines.append("receive calls that failed with \(name): \(UnitText.count(count))")
        }
        lines += ImpairmentNotes.measured(result)
        if result.targetResets > 0 {
            lines.append(
                "the target's port was closed \(UnitText.count(result.targetResets)) times")
        }
        if result.logRowsLost > 0 {
            let errno = result.logErrno.map { " (\($0))" } ?? ""
            lines.append("rows missing in the log: \(UnitText.count(result.logRowsLost))\(errno)")
        }
        return lines.joined(separator: "\n")
    }

    private static func line(_ name: String, _ side: RelayDirectionResult) -> String {
        let accounts = side.accounts
        var parts = [
            "\(name)  received \(UnitText.count(accounts.received))",
            "forwarded \(UnitText.count(accounts.forwarded))",
        ]
        let others: [(String, Int)] =
            [
                ("lost", accounts.lost), ("blackholed", accounts.blackholed),
                ("refused", accounts.refused), ("queue full", accounts.tailDropped),
                ("memory full", accounts.noMemory), ("no socket", accounts.noFlow),
                ("client forgotten", accounts.flowGone), ("not sent", accounts.sendFailed),
                ("held at the end", accounts.heldAtStop), ("too many hops", accounts.hopLimit),
                ("duplicated", accounts.duplicated),
                ("reordered", accounts.reordered), ("waited in vain", accounts.reorderExpired),
                ("buffer overflow", side.drops ?? 0),
            ]
            + Alteration.all.map { ($0.count.key, side.alterations[$0.count.key] ?? 0) }
        parts += others.filter { $0.1 > 0 }.map { "\($0.0) \(UnitText.count($0.1))" }
        if let delay = side.delayNs, delay.count > 0 {
            parts.append(
                "delay p50 \(UnitText.time(ns: delay.p50)) p99 \(UnitText.time(ns: delay.p99))")
        }
        return parts.joined(separator: ", ")
    }

    /// Returns the progress as one line.
    static func live(_ figures: RelayLive, afterNs: Int64) -> String {
        func side(_ accounts: RelayAccounts) -> String {
            "\(UnitText.count(accounts.forwarded)) of \(UnitText.count(accounts.received))"
                + " (dropped \(UnitText.count(accounts.dropped)))"
        }
        return "\(max(0, afterNs) / 1_000_000_000) s  forward \(side(figures.forward))"
            + "  backward \(side(figures.backward))  clients \(UnitText.count(figures.flows))"
            + "  held \(UnitText.count(figures.heldBytes)) B"
    }
}
