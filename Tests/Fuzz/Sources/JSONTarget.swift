import JSON

/// The strict scan, json-c behind it, and the writer.
enum JSONTarget {
    static func test(_ octets: [UInt8], _ findings: Findings) {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument.read(file: "file", bytes: octets)
        } catch {
            findings.require(
                error.code != .disagreement, "json-c refuses what the scan took: \(error)")
            findings.require(error.position.map { $0.offset <= octets.count } != false, "\(error)")
            return
        }
        let value = document.root.value
        do {
            for style in [JSONStyle.compact, .pretty, .report] {
                let text = Array(try value.text(style).utf8)
                let again = try JSONValue.parse(text, limits: .controlMessage)
                findings.require(again == value, "written and read again it is another value")
            }
        } catch {
            findings.require(false, "what was read cannot be written and read again: \(error)")
        }
    }
}
