//! The numbers of PLY.

/// The type of a number, under its old and its new name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    F32,
    F64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Scalar {
    pub fn named(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"char" | b"int8" => Scalar::I8,
            b"uchar" | b"uint8" => Scalar::U8,
            b"short" | b"int16" => Scalar::I16,
            b"ushort" | b"uint16" => Scalar::U16,
            b"int" | b"int32" => Scalar::I32,
            b"uint" | b"uint32" => Scalar::U32,
            b"float" | b"float32" => Scalar::F32,
            b"double" | b"float64" => Scalar::F64,
            _ => return None,
        })
    }

    pub const fn size(self) -> usize {
        match self {
            Scalar::I8 | Scalar::U8 => 1,
            Scalar::I16 | Scalar::U16 => 2,
            Scalar::I32 | Scalar::U32 | Scalar::F32 => 4,
            Scalar::F64 => 8,
        }
    }

    /// Returns the number at the start of the bytes; NaN if there are too few.
    #[inline]
    pub fn read(self, bytes: &[u8], order: Order) -> f64 {
        match self {
            Scalar::I8 => bytes.first().map_or(f64::NAN, |byte| f64::from(*byte as i8)),
            Scalar::U8 => bytes.first().map_or(f64::NAN, |byte| f64::from(*byte)),
            Scalar::I16 => number(bytes, order, |bytes| f64::from(i16::from_le_bytes(bytes))),
            Scalar::U16 => number(bytes, order, |bytes| f64::from(u16::from_le_bytes(bytes))),
            Scalar::I32 => number(bytes, order, |bytes| f64::from(i32::from_le_bytes(bytes))),
            Scalar::U32 => number(bytes, order, |bytes| f64::from(u32::from_le_bytes(bytes))),
            Scalar::F32 => number(bytes, order, |bytes| f64::from(f32::from_le_bytes(bytes))),
            Scalar::F64 => number(bytes, order, f64::from_le_bytes),
        }
    }

    /// Returns the channel of a colour as a number from 0 to 255.
    pub fn channel(self, value: f64) -> f64 {
        let scaled = match self {
            Scalar::F32 | Scalar::F64 => value * 255.0,
            Scalar::U16 => value / 257.0,
            _ => value,
        };
        (scaled.clamp(0.0, 255.0) + 0.5).floor()
    }
}

#[inline]
fn number<const N: usize>(bytes: &[u8], order: Order, read: impl Fn([u8; N]) -> f64) -> f64 {
    let Some(first) = bytes.first_chunk::<N>() else { return f64::NAN };
    let mut first = *first;
    if order == Order::Big {
        first.reverse();
    }
    read(first)
}
