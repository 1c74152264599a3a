extension Int? {
    /// Returns the sum of counts; unknown if any of them is unknown.
    package static func sum(_ counts: [Int?]) -> Int? {
        var sum = 0
        for count in counts {
            guard let count else { return nil }
            sum += count
        }
        return sum
    }
}
