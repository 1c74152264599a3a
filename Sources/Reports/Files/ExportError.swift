/// The reason why documents have no form as which they were to be exported.
package struct ExportError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
