/// One step from a container to a value inside it.
package enum JSONPathStep: Sendable {
    case key(String)
    case index(Int)

    /// The step as text: `.rate`, `["odd key"]` or `[0]`.
    package var text: String {
        switch self {
        case .index(let index): "[\(index)]"
        case .key(let key): Self.isPlain(key) ? ".\(key)" : "[\(key.quotedForMessage)]"
        }
    }

    /// Whether a key can follow a dot: letters, digits, `_` and `-`. Any other key is quoted.
    private static func isPlain(_ key: String) -> Bool {
        !key.isEmpty && key.utf8.count <= String.quotedBytesMax
            && key.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                    UInt8(ascii: "$"):
                    true
                default: false
                }
            }
    }
}

/// The way from the root to a value, shared between all values below a container. The text is made
/// only when a message needs it, because a text per value would make memory grow with the square of
/// the nesting.
final class JSONTrail: Sendable {
    let parent: JSONTrail?
    let step: JSONPathStep?

    init(parent: JSONTrail?, step: JSONPathStep?) {
        self.parent = parent
        self.step = step
    }

    /// The path as text: `$.scenarios[0].rate`.
    var text: String {
        (parent?.text ?? "$") + (step?.text ?? "")
    }
}

extension String {
    /// The maximum number of bytes of an untrusted text in a message.
    static let quotedBytesMax = 64

    /// The text in double quotes, shortened, with unprintable characters escaped: a message must
    /// not be able to move the cursor of the terminal that shows it.
    var quotedForMessage: String {
        var result = "\""
        for scalar in unicodeScalars {
            if result.utf8.count > Self.quotedBytesMax { return result + "…\"" }
            switch scalar {
            case "\"", "\\": result += "\\" + String(scalar)
            case _ where !ShownText.isShown(scalar): result += ShownText.escape(scalar)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
