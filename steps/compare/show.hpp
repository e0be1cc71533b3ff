// A matrix as text: for the terminal, and for Markdown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compare/matrix.hpp"

namespace slipway::compare {

struct Style {
    bool color = false;
    bool changed_only = false;  ///< rows that are the same in all columns go
    bool all_columns = false;   ///< also those with one mechanism more or less
};

/// "●" open, "◐" limited, "○" closed, "–" nothing, "!" error: told apart
/// without any colour.
std::string_view glyph_of(Verdict verdict);

/// One decimal: "12.5".
std::string decimal(double number);

/// Columns that show something, without those of the ablations.
std::vector<const Column*> main_columns(const Matrix& matrix);
/// What an ablation is compared with: step 1 for "only", its own step for
/// "without"; nullptr for others.
const Column* base_of(const Matrix& matrix, const Column& column);

std::string table(const Matrix& matrix, const Style& style);
/// What a start took, and the memory of its largest process: where starts were
/// timed, of the main columns.
std::string cost_table(const Matrix& matrix);
/// What each mechanism closes alone, and what opens when it is left out.
std::string ablation(const Matrix& matrix);
/// One row, all columns, with the evidence and what closes it.
std::string explain_row(const Matrix& matrix, std::string_view id,
                        const Style& style);
/// Rows that differ between two columns. Throws NotFound for a column that
/// there is not.
std::string difference(const Matrix& matrix, const std::string& one,
                       const std::string& other, const Style& style);
std::string markdown(const Matrix& matrix);

}  // namespace slipway::compare
