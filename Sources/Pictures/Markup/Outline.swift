/// The lines of a path (SVG 2 §9.3), made of numbers alone.
struct Outline: Sendable, Equatable {
    private(set) var text = ""

    var isEmpty: Bool { text.isEmpty }

    mutating func move(_ x: Double, _ y: Double) { add("M", [x, y]) }
    mutating func line(_ x: Double, _ y: Double) { add("L", [x, y]) }
    mutating func horizontal(_ x: Double) { add("H", [x]) }
    mutating func vertical(_ y: Double) { add("V", [y]) }

    /// Adds a curve of Bézier to the last two numbers.
    mutating func curve(
        _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ x: Double, _ y: Double
    ) {
        add("C", [x1, y1, x2, y2, x, y])
    }

    mutating func close() { text += "Z" }

    /// Adds a rectangle.
    mutating func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double) {
        add("M", [x, y])
        add("h", [width])
        add("v", [height])
        add("h", [-width])
        close()
    }

    /// Adds lines through points.
    mutating func lines(_ points: [(x: Double, y: Double)]) {
        for (index, point) in points.enumerated() {
            if index == 0 { move(point.x, point.y) } else { line(point.x, point.y) }
        }
    }

    private mutating func add(_ command: String, _ numbers: [Double]) {
        text += command + numbers.map(PlaceText.text).joined(separator: " ")
    }
}
