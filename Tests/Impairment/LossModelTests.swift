import Testing

@testable import Impairment
