@testable import JSON

extension JSONLimits {
    /// Nothing in the tests of the grammar comes near these.
    static let roomy = JSONLimits(
        documentBytesMax: 1 << 24, stringBytesMax: 1 << 22, valuesMax: 1 << 20, depthMax: 100)
}

/// The error that a text is refused with; nil when it is accepted.
func refusal(_ text: String, limits: JSONLimits = .plan) -> JSONError? {
    refusal(Array(text.utf8), limits: limits)
}

func refusal(_ bytes: [UInt8], limits: JSONLimits = .plan) -> JSONError? {
    do throws(JSONError) {
        _ = try JSONDocument.read(file: "plan.json", bytes: bytes, limits: limits)
        return nil
    } catch {
        return error
    }
}

func parse(_ text: String, limits: JSONLimits = .plan) throws(JSONError) -> JSONValue {
    try JSONValue.parse(Array(text.utf8), limits: limits)
}

/// A document with every kind of value, escape and character width in it.
let richDocument = """
    {
      "plan": 1, "name": "löss-😀", "empty": {}, "none": [], "zero": 0, "minus": -0.0,
      "x-remark": "tab \\t quote \\" slash \\/ unicode \\u00e9 \\ud83d\\ude00 nul \\u0000 end",
      "numbers": [0, -1, 9223372036854775807, -9223372036854775808, 1.5, 1e3, 2.5E-3, 5e-324],
      "literals": [true, false, null],
      "nested": [[[["deep"]]], {"a": {"b": {"c": [1, {"d": "é€😀"}]}}}]
    }

    """
