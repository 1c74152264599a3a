import Metrics

/// The colours of a stream's losses by their accounts.
struct LossColours: Sendable {
    /// The class of a loss whose account is not known.
    static let unknown = "p-unknown"

    private let kinds: [String: String]

    /// Makes the colours of a stream. `lost_unsplit` is the network's where the ledger has no other
    /// loss, and else unknown.
    init(of ledger: Ledger) {
        let accounts = ledger.lossAccounts
        var kinds = Dictionary(accounts.map { ($0.name, $0.place.kind) }) { first, _ in first }
        let others = accounts.filter { $0.place != .host && $0.name != "lost_unsplit" }
        let isOnly = others.allSatisfy { ($0.count ?? 0) == 0 } && (ledger.lostUnsplit ?? 0) > 0
        kinds["lost_unsplit"] = isOnly ? LossPlace.network.kind : Self.unknown
        self.kinds = kinds
    }

    /// Returns the class of an account.
    func kind(of account: String) -> String { kinds[account] ?? Self.unknown }
}
