import ArgumentParser
import Impairment
import Plans

/// The flags of impairments: of both directions, `--loss`, or of one, `--forward-loss`, one for
/// each key of a direction that is a flag.
///
/// There are no written properties: the library finds the options of a group by reflection, by
/// their labels, and decodes each by the same name (its documentation, "Parsable Properties"). So
/// the keys of the plan are the only list of flags.
struct ImpairmentOptions<Way: ImpairmentWay>: ParsableArguments, CustomReflectable {
    private var options: [(key: String, option: Option<[String]>)]

    init() {
        options = ImpairmentText.flags(Way.direction).map { flag in
            let help = ArgumentHelp(
                Way.direction == nil ? "\(flag.help)" : "", valueName: "what")
            return (
                flag.key, Option(wrappedValue: [], name: .customLong(flag.name), help: help)
            )
        }
    }

    init(from decoder: any Decoder) throws {
        self.init()
        let container = try decoder.container(keyedBy: Key.self)
        for index in options.indices {
            options[index].option.wrappedValue = try container.decode(
                Option<[String]>.self, forKey: Key(stringValue: options[index].key)
            ).wrappedValue
        }
    }

    var customMirror: Mirror {
        Mirror(self, children: options.map { ("_\($0.key)", $0.option) }, displayStyle: .struct)
    }

    var flags: [ImpairmentFlag] {
        options.flatMap { key, option in
            option.wrappedValue.map { ImpairmentFlag(key, Way.direction, $0) }
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

/// The direction of a group of flags.
protocol ImpairmentWay: Sendable {
    /// The direction; nil for both.
    static var direction: Direction? { get }
}

enum BothWays: ImpairmentWay {
    static var direction: Direction? { nil }
}

enum ForwardWay: ImpairmentWay {
    static var direction: Direction? { .forward }
}

enum BackwardWay: ImpairmentWay {
    static var direction: Direction? { .backward }
}
