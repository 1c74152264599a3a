import Metrics
import Reports

/// The ledger as a river: the datagrams scheduled enter at the top, each account leaves at the
/// right, and the datagrams answered in time reach the bottom. Widths are true to the counts; an
/// account narrower than a hairline is drawn as a hairline.
struct River {
    /// The width of the picture and of the datagrams scheduled.
    private static let width = 340.0
    private static let whole = 120.0
    private static let bend = 8.0
    private static let labelX = 152.0
    private static let headHeight = 40.0
    private static let branchLeast = 18.0

    let title: String
    let ledger: Ledger
    let group: StreamGroup

    /// The accounts that are 0 in each of several rivers, and stand below them all.
    let zeroEverywhere: [String]

    /// Makes a river.
    /// - Parameters:
    ///   - isOneOfSenders: Whether there are rivers of other senders beside it.
    ///   - zeroEverywhere: Names of accounts that this river does not name as zero.
    init(
        _ group: StreamGroup, isOneOfSenders: Bool = false, except zeroEverywhere: [String] = []
    ) {
        self.group = group
        self.zeroEverywhere = zeroEverywhere
        let sender = isOneOfSenders ? group.sender.map { ", \($0)" } : nil
        title = group.network + (sender ?? "")
        ledger = group.ledger
    }

    /// Returns rivers side by side, and below them the accounts that are 0 in all of them.
    static func all(_ groups: [StreamGroup]) -> Markup {
        let zeros = groups.map { Set($0.ledger.lossAccounts.filter { $0.count == 0 }.map(\.words)) }
        let first = groups.first?.ledger.lossAccounts.map(\.words) ?? []
        let common =
            groups.count > 1 ? first.filter { name in zeros.allSatisfy { $0.contains(name) } } : []
        let areOfSenders = Set(groups.compactMap(\.sender)).count > 1
        let rivers = Markup.element(
            "div", [.kind("rivers")],
            all: groups.map {
                River($0, isOneOfSenders: areOfSenders, except: common).markup
            })
        guard !common.isEmpty else { return rivers }
        return rivers
            + .element(
                "p", [.kind("note")], Markup("0 everywhere: " + common.joined(separator: ", ")))
    }

    var markup: Markup {
        let stages = ledger.stages
        guard ledger.scheduled > 0 else {
            return figure(
                .element("p", [.kind("missing")], "Nothing was scheduled in a sound run."))
        }
        var y = 0.0
        var bands = Outline()
        var branches = Markup.none
        var texts = Markup.none
        for stage in stages {
            texts += head(stage, y: y)
            var edge = width(of: stage.count)
            bands.rectangle(0, y, edge, Self.headHeight)
            y += Self.headHeight
            for account in stage.accounts where (account.count ?? 0) > 0 {
                let wide = width(of: account.count ?? 0)
                let height = max(Self.bend + wide + 5, Self.branchLeast)
                branches += branch(account, edge: edge, wide: wide, y: y, whole: stage.count)
                edge = max(0, edge - wide)
                bands.rectangle(0, y, edge, height)
                y += height
            }
        }
        let band = Markup.element("path", [.kind("band"), Attribute(bands)])
        let svg = Markup.element(
            "svg",
            [
                .kind("river"),
                Attribute(
                    "viewBox", "0 0 \(PlaceText.text(Self.width)) \(PlaceText.text(y + 2))"),
                Attribute("role", "img"), Attribute("aria-label", label),
            ], band, branches, texts)
        return figure(svg + zeros(stages))
    }

    private var label: String {
        "\(title): \(UnitText.count(ledger.inTime)) of \(UnitText.count(ledger.scheduled)) "
            + "datagrams were answered in time"
    }

    private func figure(_ content: Markup) -> Markup {
        let runs = group.members.count
        let count = runs == 1 ? "1 run" : "\(runs) runs"
        return .element(
            "figure", [.kind("multiple")],
            .element(
                "figcaption", [], .element("strong", [], Markup(title)),
                .element("span", [.kind("soft")], Markup(" \(count)"))), content)
    }

    private func width(of count: Int) -> Double {
        Self.whole * Double(count) / Double(ledger.scheduled)
    }

    private func head(_ stage: LedgerStage, y: Double) -> Markup {
        let share = Double(stage.count) / Double(ledger.scheduled)
        let origin = Origin("ledger.\(stage.name)", .sum, group)
        return .element(
            "text",
            [Attribute("x", 6.0), Attribute("y", y + 17), .kind("soft small")],
            Markup(stage.words))
            + .element(
                "text",
                [Attribute("x", 6.0), Attribute("y", y + 32), .kind("count")] + origin.attributes,
                Markup(UnitText.count(stage.count)),
                Plot.tip("\(stage.words): \(UnitText.ratio(share)) of the datagrams scheduled"))
    }

    private func branch(
        _ account: Account, edge: Double, wide: Double, y: Double, whole: Int
    ) -> Markup {
        let (top, bottom) = (y + Self.bend, y + Self.bend + wide)
        let (inner, end) = (edge + Self.bend, Self.labelX - 8)
        var outline = Outline()
        outline.move(edge - wide, y)
        outline.curve(
            edge - wide, y + (Self.bend + wide) * 0.55, inner - (Self.bend + wide) * 0.55, bottom,
            inner, bottom)
        outline.horizontal(max(end, inner))
        outline.vertical(top)
        outline.horizontal(inner)
        outline.curve(inner - Self.bend * 0.55, top, edge, y + Self.bend * 0.55, edge, y)
        outline.close()
        let share = whole > 0 ? Double(account.count ?? 0) / Double(whole) : 0
        let tip =
            "\(account.words): \(UnitText.count(account.count)) of \(UnitText.count(whole)), "
            + "\(account.place.name)"
        let isFine = wide < 1
        let shape = Markup.element(
            "path", [.kind(account.place.kind + (isFine ? " fine" : "")), Attribute(outline)],
            Plot.tip(tip))
        let origin = Origin("ledger.\(account.name)", .sum, group)
        let middle = (top + bottom) / 2 + 4
        let count = UnitText.count(account.count)
        let rest = " \(account.words) · \(UnitText.ratio(share))"
        let text = Markup.element(
            "text", [Attribute("x", Self.labelX), Attribute("y", middle), .kind("label")],
            .element("tspan", [.kind("count")] + origin.attributes, Markup(count)),
            .element("tspan", [], Markup(rest)), Plot.tip(tip))
        return shape + text
    }

    /// The accounts without a branch: those that are zero, and those that are unknown.
    private func zeros(_ stages: [LedgerStage]) -> Markup {
        let accounts = stages.flatMap(\.accounts)
        let zero = accounts.filter { $0.count == 0 }.map(\.words)
            .filter { !zeroEverywhere.contains($0) }
        // Losses are split by direction, or they are not: one of both is always without a count.
        let isSplit = ledger.responderReceived != nil
        let unknown = accounts.filter {
            $0.count == nil && !(isSplit && $0.name == "lost_unsplit")
        }.map(\.words)
        var lines = Markup.none
        if !zero.isEmpty {
            lines += .element(
                "p", [.kind("note")], Markup("0 here: " + zero.joined(separator: ", ")))
        }
        if !unknown.isEmpty {
            lines += .element(
                "p", [.kind("note")], Markup("not known: " + unknown.joined(separator: ", ")))
        }
        return lines
    }
}
