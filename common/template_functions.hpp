// The functions of a template: Go's own and those that Docker adds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/template_value.hpp"

namespace slipway {

using TemplateArguments = std::vector<TemplateValue>;

struct TemplateFunction {
    std::string_view name;
    std::size_t least, most;  ///< arguments
    /// Throws Error with the bare reason.
    TemplateValue (*call)(const TemplateArguments& arguments);
};

/// nullptr when there is none. `and` and `or` are here for their names: they
/// look at one argument after the other, which the caller has to do.
const TemplateFunction* find_function(std::string_view name);
std::vector<std::string> function_names();

/// printf: %s %d %v %q %x %X %t %f %g %e %c, with flags, width and precision.
std::string template_printf(const TemplateArguments& arguments);

/// Longer texts are refused: a template must not eat all memory.
constexpr std::size_t longest_template_text = 1 << 24;

}  // namespace slipway
