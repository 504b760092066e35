//! The 3D files of an archive: which files there are, their names, and the position of the arches in them (§4.7.5–4.7.6).

use std::io::{self, Write};

use glam::{Mat4, vec3};

use super::arch::{Arches, into_bite};
use super::mesh::Mesh;
use super::ply::write_ply;
use super::stl::write_stl;
use super::tooth::Jaw;
use crate::sandbox::export_settings::{Arrangement, ExportSettings, FileType};

/// Both arches, placed and ready to be written.
pub struct Scans {
    /// The meshes of the upper and the lower arch.
    meshes: [Mesh; 2],
    /// The transform of each arch from the bite to its position in the file.
    transforms: [Mat4; 2],
    arrangement: Arrangement,
    file_type: FileType,
}

/// One 3D file.
pub struct ScanFile<'a> {
    pub name: String,
    /// `None` if it holds both arches.
    pub jaw: Option<Jaw>,
    meshes: &'a [Mesh],
    format: Format,
}

#[derive(Clone, Copy)]
enum Format {
    Stl,
    Ply,
}

impl Scans {
    pub fn new(arches: &Arches, settings: &ExportSettings) -> Self {
        let mut meshes = match settings.triangles {
            Some(triangles) => arches.with_triangles(triangles),
            None => [arches.upper.mesh.clone(), arches.lower.mesh.clone()],
        };
        let mut place = |at: usize, jaw: Jaw| {
            let mesh = &mut meshes[at];
            let bite = into_bite(jaw);
            let placement = match settings.arrangement {
                Arrangement::TeethUp => onto_origin(mesh),
                Arrangement::Occlusion | Arrangement::LockedOcclusion => bite,
            };
            mesh.transform(&placement);
            placement * bite
        };
        let transforms = [place(0, Jaw::Upper), place(1, Jaw::Lower)];
        Self { meshes, transforms, arrangement: settings.arrangement, file_type: settings.file_type }
    }

    pub fn files(&self, order_id: u32) -> Vec<ScanFile<'_>> {
        let (upper, lower) = self.meshes.split_at(1);
        let each = [("u", Some(Jaw::Upper), upper), ("l", Some(Jaw::Lower), lower)];
        let both = [("ul", None, &self.meshes[..])];
        let (kind, parts) = match self.arrangement {
            Arrangement::TeethUp => ("teethup", &each[..]),
            Arrangement::Occlusion => ("occlusion", &each[..]),
            Arrangement::LockedOcclusion => ("lockedocclusion", &both[..]),
        };
        let formats: &[(Format, &str)] = match self.file_type {
            FileType::Stl => &[(Format::Stl, "stl")],
            FileType::Ply => &[(Format::Ply, "ply")],
            FileType::Both => &[(Format::Stl, "stl"), (Format::Ply, "ply")],
        };
        let mut files = Vec::with_capacity(4);
        for &(format, extension) in formats {
            files.extend(parts.iter().map(|&(jaws, jaw, meshes)| ScanFile {
                name: format!("{order_id}_shell_{kind}_{jaws}.{extension}"),
                jaw,
                meshes,
                format,
            }));
        }
        files
    }

    /// Returns the transform of each arch from the bite to its position in its file.
    pub fn transforms(&self) -> [(Jaw, Mat4); 2] {
        let [upper, lower] = self.transforms;
        [(Jaw::Upper, upper), (Jaw::Lower, lower)]
    }
}

impl ScanFile<'_> {
    pub fn write(&self, mut out: &mut dyn Write) -> io::Result<()> {
        match self.format {
            Format::Stl => write_stl(self.meshes, &mut out),
            Format::Ply => write_ply(self.meshes, &mut out),
        }
    }
}

/// Returns the transform that moves an arch's base to z = 0 and its middle over the origin, as if it were the only arch.
fn onto_origin(mesh: &Mesh) -> Mat4 {
    let (low, high) = mesh.bounds();
    let middle = (low + high) / 2.0;
    Mat4::from_translation(-vec3(middle.x, middle.y, low.z))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scans(arrangement: Arrangement, file_type: FileType) -> Scans {
        let settings = ExportSettings { arrangement, file_type, triangles: Some(20_000), ..Default::default() };
        Scans::new(&Arches::new(1, &[]), &settings)
    }

    fn names(arrangement: Arrangement, file_type: FileType) -> Vec<String> {
        scans(arrangement, file_type).files(7).into_iter().map(|file| file.name).collect()
    }

    #[test]
    fn files_are_named_by_order_arrangement_jaw_and_type() {
        assert_eq!(names(Arrangement::TeethUp, FileType::Stl), ["7_shell_teethup_u.stl", "7_shell_teethup_l.stl"]);
        assert_eq!(
            names(Arrangement::Occlusion, FileType::Both),
            [
                "7_shell_occlusion_u.stl",
                "7_shell_occlusion_l.stl",
                "7_shell_occlusion_u.ply",
                "7_shell_occlusion_l.ply",
            ],
        );
        assert_eq!(names(Arrangement::LockedOcclusion, FileType::Ply), ["7_shell_lockedocclusion_ul.ply"]);
    }

    #[test]
    fn teeth_up_each_arch_stands_on_its_own_origin() {
        for mesh in scans(Arrangement::TeethUp, FileType::Stl).meshes {
            let (low, high) = mesh.bounds();
            assert!(low.z.abs() < 1e-3, "{low}");
            assert!((low.x + high.x).abs() < 1e-3 && (low.y + high.y).abs() < 1e-3, "{low} {high}");
            // The base is flat, the teeth are not: far more points are near the lowest height than near the highest.
            let near = |z: f32| mesh.vertices.iter().filter(|vertex| (vertex.position.z - z).abs() < 0.5).count();
            assert!(near(low.z) > 4 * near(high.z), "{} {}", near(low.z), near(high.z));
        }
    }

    #[test]
    fn in_occlusion_the_teeth_of_both_arches_meet() {
        for arrangement in [Arrangement::Occlusion, Arrangement::LockedOcclusion] {
            let [upper, lower] = scans(arrangement, FileType::Stl).meshes.map(|mesh| mesh.bounds());
            assert!(upper.1.z > lower.1.z && upper.0.z > lower.0.z, "the upper arch lies above");
            assert!((0.0..6.0).contains(&(lower.1.z - upper.0.z)), "its teeth reach down between the lower ones");
            for axis in 0..2 {
                let middle = |(low, high): (glam::Vec3, glam::Vec3)| (low[axis] + high[axis]) / 2.0;
                assert!((middle(upper) - middle(lower)).abs() < 4.0);
            }
        }
    }

    #[test]
    fn transforms_lead_from_the_bite_to_the_files() {
        let bite = scans(Arrangement::Occlusion, FileType::Stl);
        assert_eq!(bite.transforms().map(|(_, transform)| transform), [Mat4::IDENTITY; 2]);
        let teeth_up = scans(Arrangement::TeethUp, FileType::Stl);
        for ((_, transform), (from, to)) in
            teeth_up.transforms().into_iter().zip(bite.meshes.iter().zip(&teeth_up.meshes))
        {
            for (from, to) in from.vertices.iter().zip(&to.vertices).step_by(100) {
                assert!(transform.transform_point3(from.position).distance(to.position) < 1e-3);
            }
        }
    }
}
