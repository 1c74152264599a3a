import JSON
import Reports

/// The numbers of a stream by the format's fields.
struct FigureValues {
    /// The fields, and the value of each; nil where the stream has none.
    let all: [(field: FigureField, value: JSONValue?)]

    init(_ stream: StreamReport) {
        // A number that JSON cannot express, such as NaN, is null.
        let encoding = try? JSONCoding.encodeWritable(stream)
        all = ReportFormat.figures.map { field in
            var value = encoding?.value
            for key in field.path { value = value?[key] }
            switch value {
            case .integer?, .number?: return (field, value)
            default: return (field, nil)
            }
        }
    }
}

extension JSONValue {
    /// A number as text, which no locale changes; nil for another value.
    var numberText: String? {
        switch self {
        case .integer(let integer): "\(integer)"
        case .number(let number): "\(number)"
        default: nil
        }
    }

    var double: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        default: nil
        }
    }
}
