//! Colours in the two bytes that binary STL leaves free after each triangle: five bits for each of red, green and blue.

/// Which program's convention a file follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colors {
    /// Materialise Magics: the header contains the object's colour. Red is in the lowest bits; the highest bit means that the
    /// triangle has the object's colour.
    Magics { object: u32 },
    /// VisCAM and SolidView: red is in the upper bits; the highest bit means that the triangle has a colour.
    VisCam,
}

const WHITE: u32 = 0xffff_ffff;

impl Colors {
    pub fn of(header: &[u8]) -> Self {
        const KEY: &[u8] = b"COLOR=";
        let at = header.windows(KEY.len()).position(|window| window == KEY);
        match at.and_then(|at| header.get(at + KEY.len()..)) {
            Some([red, green, blue, alpha, ..]) => {
                Colors::Magics { object: u32::from_le_bytes([*red, *green, *blue, *alpha]) }
            }
            _ => Colors::VisCam,
        }
    }

    /// Returns a triangle's own colour, or 0.
    pub fn triangle(self, bits: u16) -> u32 {
        let five = |shift: u32| {
            let value = (bits >> shift) as u8 & 31;
            value << 3 | value >> 2
        };
        let has_color = bits >> 15 == 1;
        match self {
            Colors::Magics { .. } if !has_color => u32::from_le_bytes([five(0), five(5), five(10), 255]),
            Colors::VisCam if has_color => u32::from_le_bytes([five(10), five(5), five(0), 255]),
            _ => 0,
        }
    }

    /// Returns the colour of triangles that have none of their own.
    pub fn plain(self) -> u32 {
        match self {
            Colors::Magics { object } => object,
            Colors::VisCam => WHITE,
        }
    }
}
