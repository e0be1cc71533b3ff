#include "common/text.hpp"

#include <algorithm>
#include <cstdio>

namespace slipway {

std::string quote(std::string_view text) {
    std::string result = "\"";
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            result += '\\';
            result += c;
        } else if (c == '\n') {
            result += "\\n";
        } else if (c == '\r') {
            result += "\\r";
        } else if (c == '\t') {
            result += "\\t";
        } else if (byte < 0x20 || byte == 0x7f) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\x%02x", byte);
            result += escape;
        } else {
            result += c;
        }
    }
    return result + '"';
}

std::string unescape_octal(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size()) {
            plain += static_cast<char>((text[i + 1] - '0') * 64 +
                                       (text[i + 2] - '0') * 8 +
                                       (text[i + 3] - '0'));
            i += 3;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    std::size_t start = 0;
    while (true) {
        std::size_t end = text.find(separator, start);
        parts.emplace_back(text.substr(start, end - start));
        if (end == std::string_view::npos) return parts;
        start = end + 1;
    }
}

std::string join(const std::vector<std::string>& parts,
                 std::string_view separator) {
    std::string whole;
    for (const std::string& part : parts) {
        if (&part != &parts.front()) whole += separator;
        whole += part;
    }
    return whole;
}

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    // Three rows of the table are enough: a swap looks two rows back.
    std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1),
        row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t substitution = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = std::min(
                {above[j] + 1, row[j - 1] + 1, above[j - 1] + substitution});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, above);
        std::swap(above, row);
    }
    return above[b.size()];
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
    auto ends = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    return static_cast<std::size_t>(ends.first - a.begin());
}

}  // namespace

std::string nearest(std::string_view typed,
                    const std::vector<std::string>& candidates) {
    constexpr std::size_t longest_name = 255;  // NAME_MAX; bounds the work
    if (typed.empty() || typed.size() > longest_name) return {};
    std::size_t best = std::max<std::size_t>(1, typed.size() / 3) + 1;
    std::size_t best_prefix = 0;
    std::string found;
    for (const std::string& candidate : candidates) {
        std::size_t gap = candidate.size() > typed.size()
                              ? candidate.size() - typed.size()
                              : typed.size() - candidate.size();
        if (gap > best || candidate == typed) continue;
        std::size_t distance = edit_distance(typed, candidate);
        std::size_t prefix = common_prefix(typed, candidate);
        // One letter typed and one letter wrong is no likeness at all.
        if (distance >= std::max(typed.size(), candidate.size())) continue;
        if (distance < best ||
            (distance == best && prefix > best_prefix && !found.empty())) {
            best = distance;
            best_prefix = prefix;
            found = candidate;
        }
    }
    return found;
}

}  // namespace slipway
