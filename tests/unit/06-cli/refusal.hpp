// What a parser says when it refuses.
#pragma once

#include <string>

#include "common/error.hpp"
#include "unit/catch.hpp"

/// The message and, in the next line, the advice; "" when nothing was refused.
template <class Body>
std::string refusal(Body body) {
    try {
        body();
    } catch (const slipway::Error& error) {
        return error.message() + "\n" + error.advice();
    }
    return "";
}
